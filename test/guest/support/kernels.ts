/** Kernels that differ from the real one in what a test needs. */
import type { KernelOptions } from '../../../src/kernel/kernel.ts';
import { FAMILIES, makeTable } from '../../../src/kernel/syscalls/table.ts';
import { hostArchitecture } from '../../../src/linux/architectures.ts';
import { SYSCALLS } from '../../../src/linux/syscalls.ts';
import { hostileRow, writingRow } from './hostile-row.ts';
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

/** The environment of the test says where the native part is. */
function attacking(): Made {
  const row = hostileRow(process.env['RING3_NATIVE_ATTEMPTS']!);
  return { options: { table: makeTable(hostArchitecture(), [...FAMILIES, { getppid: row }]) } };
}

/** Paths that a row writes to, separated by colons. */
function writing(): Made {
  const row = writingRow(process.env['RING3_WRITE']!.split(':'));
  return { options: { table: makeTable(hostArchitecture(), [...FAMILIES, { getppid: row }]) } };
}

export const kernels = { attacking, counting, writing };
