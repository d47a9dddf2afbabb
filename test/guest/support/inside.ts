/** A child of the tests: one command under the userspace kernel, as the test's JSON on the command line says. */
import { runGuest, type GuestSpec } from '../../../src/sandbox/guest/run.ts';
import type { PlatformName } from '../../../src/platform/platform.ts';
import { kernels } from './kernels.ts';

export interface Inside {
  argv: readonly string[];
  platform: PlatformName;
  /** One of `kernels`: what differs from the kernel as it is. */
  kernel?: keyof typeof kernels;
  workdir?: string;
  confine?: boolean;
  binds?: GuestSpec['binds'];
}

const {
  argv,
  platform,
  kernel,
  workdir = '/',
  confine = true,
  binds = [],
} = JSON.parse(process.argv[2]!) as Inside;
const made = kernel ? kernels[kernel]() : undefined;
const status = await runGuest({
  platform,
  argv,
  env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/', 'LANG=C'],
  root: '/',
  hidden: [],
  workdir,
  confine,
  binds,
  user: { uid: 0, gid: 0 },
  hostname: 'ring3',
  ...(made && { kernel: made.options }),
});
made?.ended?.();
process.exitCode = (status & 0x7f) === 0 ? status >> 8 : 128 + (status & 0x7f);
