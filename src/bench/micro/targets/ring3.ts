/** `ring3 run` itself, once for each platform: the whole command that people use, and not an inner part of it. */
import { join } from 'node:path';
import { packageRoot } from '../../../linux/addon.ts';
import { gapOf, microCommand } from '../guest.ts';
import type { MicroTarget } from '../target.ts';
import { plain } from './plain.ts';

const MAIN = join(packageRoot, 'dist', 'bundle', 'main.js');

function platform(name: string, title: string): MicroTarget {
  const run = (argv: readonly string[]): string[] => [
    process.execPath,
    MAIN,
    'run',
    '--platform',
    name,
    '--',
    ...argv,
  ];
  return {
    name,
    family: 'ring3',
    title,
    command: (...sample) => run(microCommand(...sample)),
    probe: () => gapOf(run(['true'])),
    version: plain.version,
  };
}

export const platforms: readonly MicroTarget[] = [
  platform('none', 'confined by ring3, answered by the host’s kernel'),
  platform('rewrite', 'ring3’s kernel, call sites rewritten'),
  platform('trap', 'ring3’s kernel, by SECCOMP_RET_TRAP'),
  platform('notify', 'ring3’s kernel, by seccomp notifications'),
  platform('ptrace', 'ring3’s kernel, by PTRACE_SYSEMU'),
];
