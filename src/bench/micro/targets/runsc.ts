/**
 * gVisor's runsc, on two of its own platforms. Debian has it as `runsc`; the one of Debian 12 is older than systrap, that
 * of Debian 13 has both.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixForMissing } from '../../install.ts';
import { findProgram, firstLine } from '../../program.ts';
import type { Gap } from '../../target.ts';
import { gapOf, microCommand } from '../guest.ts';
import type { MicroTarget } from '../target.ts';

const NAME = 'runsc';

const TOO_OLD = /unknown platform/;
const NEWER = 'install runsc from Debian 13 (trixie) or newer, or from gvisor.dev';

function runsc(platform: 'systrap' | 'ptrace'): MicroTarget {
  let state = '';
  const run = (argv: readonly string[]): string[] => [
    findProgram(NAME) ?? NAME,
    `--root=${state}`,
    `--platform=${platform}`,
    '--network=none',
    '--ignore-cgroups',
    ...(process.geteuid!() === 0 ? [] : ['--rootless']),
    'do',
    ...argv,
  ];
  return {
    name: `runsc-${platform}`,
    family: 'peer',
    title: `gVisor, platform ${platform}`,
    command: (...sample) => run(microCommand(...sample)),
    async probe() {
      if (!findProgram(NAME)) return fixForMissing(NAME);
      state = await mkdtemp(join(tmpdir(), 'ring3-bench-'));
      return advised(await gapOf(run(['/bin/true'])));
    },
    version: () => firstLine([findProgram(NAME) ?? NAME, '--version']),
    async close() {
      if (state) await rm(state, { recursive: true, force: true });
      state = '';
    },
  };
}

const advised = (gap: Gap | undefined): Gap | undefined =>
  gap && TOO_OLD.test(gap.reason) ? { ...gap, remedy: NEWER } : gap;

export const runscTargets: readonly MicroTarget[] = [runsc('systrap'), runsc('ptrace')];
