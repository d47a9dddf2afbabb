/** What the kernel itself does with a filter: native/programs/calls.c loads it and makes the calls. */
import { execFileSync } from 'node:child_process';
import { program } from './programs.ts';

export interface RealCall {
  abi?: 'native' | 'i386' | 'x32';
  nr: number;
  args?: readonly (bigint | number)[];
}

/** `value N`, `errno N`, `trap N`, `killed SIGNAL` or `refused ERRNO` for each call. No program: no filter. */
export function realCalls(filter: Uint8Array | undefined, calls: readonly RealCall[]): string[] {
  const texts = calls.map(({ abi = 'native', nr, args = [] }) => `${abi}:${nr}:${args.join(',')}`);
  const output = execFileSync(program('calls'), [filter ? '-' : 'none', ...texts], {
    timeout: 20_000,
    encoding: 'utf8',
    ...(filter && { input: filter }),
  });
  return output.trim().split('\n');
}
