/** Kernels that differ from the real one in what a test needs. */
import type { KernelOptions } from '../../../src/kernel/kernel.ts';
import { makeTable } from '../../../src/kernel/syscalls/table.ts';
import { hostArchitecture } from '../../../src/linux/architectures.ts';
import { SYSCALLS } from '../../../src/linux/syscalls.ts';
import { CallCounter } from './call-counter.ts';

interface Made {
  options: KernelOptions;
  /** Called when the guest has ended. */
  ended?(): void;
}

function counting(): Made {
  const counter = new CallCounter();
  const table = makeTable(hostArchitecture());
  const { handlers } = table;
  const { length } = handlers;
  const wrapped = Array.from({ length: Math.max(length, 1024) }, (_, number) =>
    counter.wrap(handlers[number] ?? table.unknown),
  );
  return {
    options: { table: { ...table, handlers: wrapped, unknown: counter.wrap(table.unknown) } },
    ended: () => process.stdout.write(`${JSON.stringify(counter.result(nameOf))}\n`),
  };
}

const names = new Map(Object.entries(SYSCALLS[hostArchitecture()]).map(([name, number]) => [number, name]));
const nameOf = (number: number): string => names.get(number) ?? String(number);

export const kernels = { counting };
