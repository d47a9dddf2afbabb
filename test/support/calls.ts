/** What the kernel itself does with a filter: native/programs/calls.c loads it and makes the calls. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './programs.ts';

export interface RealCall {
  abi?: 'native' | 'i386' | 'x32';
  nr: number;
  args?: readonly (bigint | number)[];
}

/** `value N`, `errno N`, `trap N`, `killed SIGNAL` or `refused ERRNO` for each call. No program: no filter. */
export function realCalls(filter: Uint8Array | undefined, calls: readonly RealCall[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-calls-'));
  try {
    const file = filter ? join(folder, 'filter') : '-';
    if (filter) writeFileSync(file, filter);
    const texts = calls.map(({ abi = 'native', nr, args = [] }) => `${abi}:${nr}:${args.join(',')}`);
    const output = execFileSync(program('calls'), [file, ...texts], { timeout: 20_000, encoding: 'utf8' });
    return output.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
