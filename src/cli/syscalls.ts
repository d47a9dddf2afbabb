/** `ring3 syscalls`: what the userspace kernel answers, call by call. */
import { Command } from 'commander';
import { makeTable, type DescribedRow } from '../kernel/syscalls/table.ts';
import { hostArchitecture } from '../linux/architectures.ts';

export function syscallsCommand(): Command {
  return new Command('syscalls')
    .description('what the userspace kernel answers: each system call, and what is missing of it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nCalls that are not listed answer ENOSYS; `ring3 run --verbose` names those that a program makes.',
    )
    .action(act);
}

function act({ json }: { json?: boolean }): void {
  const { rows } = makeTable(hostArchitecture());
  if (json) {
    const plain = rows.map(({ number, name, support, note }) => ({
      number,
      name,
      support,
      ...(note && { note }),
    }));
    return void process.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
  }
  process.stdout.write(`${[...rows.map(line), summary(rows)].join('\n')}\n`);
}

function line({ number, name, support, note = '' }: DescribedRow): string {
  return `${String(number).padStart(4)}  ${name.padEnd(24)} ${support.padEnd(10)} ${note}`.trimEnd();
}

function summary(rows: readonly DescribedRow[]): string {
  const count = (wanted: string) => rows.filter(({ support }) => support === wanted).length;
  return `${rows.length} calls: ${count('supported')} supported, ${count('partial')} in part, ${count('refused')} refused`;
}
