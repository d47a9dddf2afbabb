/** What a filter costs a call that it allows: getppid, alone and at the end of a list of 300. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { helperPath, type Instruction } from 'ring3';
import type { Policy, Rule } from './exercise.ts';
import { assemble, compile, compileFast } from './solution.ts';

interface Target {
  name: string;
  run(): Promise<void>;
}

type Harness = (time: () => number, targets: Target[], rounds: number) => unknown;

const ROUNDS = 9;
const CALLS = 20_000;
const [getppid, architecture] = process.arch === 'arm64' ? [173, 'arm64' as const] : [110, 'x86-64' as const];

function policy(position: number): Policy {
  const others = Array.from({ length: 400 }, (_, nr) => nr).filter((nr) => nr !== getppid);
  const numbers = [...others.slice(0, position), getppid, ...others.slice(position, 299)];
  const rules = numbers.map((syscall): Rule => ({ syscall, action: { do: 'allow' }, when: [] }));
  return { architecture, rules, otherwise: { do: 'errno', data: 38 } };
}

/** The kernel keeps the answer only for programs that look at nothing but the number and the architecture. */
function lookingAtAnArgument(program: Instruction[]): Instruction[] {
  return [{ code: 0x20, jt: 0, jf: 0, k: 16 }, ...program];
}

export async function measure(harness: Harness): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-filters-'));
  // The guest measures itself, so that its start does not count: its nanoseconds make our clock go.
  let clock = 0;
  const target = (name: string, program?: Instruction[]): Target => {
    const file = program ? join(folder, name.replaceAll(' ', '-')) : 'none';
    if (program) writeFileSync(file, assemble(program));
    return {
      name,
      async run() {
        const { stdout } = await promisify(execFile)(helperPath('callrate'), [file, `${CALLS}`]);
        clock += Number(stdout);
      },
    };
  };
  const [first, last] = [compile(policy(0)), compile(policy(299))];
  const tree = compileFast(policy(299), []);
  try {
    const targets = [
      target('no filter'),
      target('the first of 300', first),
      target('the 300th of 300', last),
      target('the first, never kept', lookingAtAnArgument(first)),
      target('the 300th, never kept', lookingAtAnArgument(last)),
      target('in a tree, never kept', lookingAtAnArgument(tree)),
    ];
    return await harness(() => clock, targets, ROUNDS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
