/** The words of `ring3 run` as a GuestSpec. Every wrong one is an Error of one line that says what would be right. */
import { parseBind, type Bind } from '../../../confine/rootfs/binds.ts';
import { isShown } from '../../../confine/rootfs/host.ts';
import type { PlatformName } from '../../../platform/platform.ts';
import { hiddenPaths } from '../../../sandbox/guest/hidden.ts';
import type { GuestSpec } from '../../../sandbox/guest/spec.ts';
import type { RunOptions } from '../options.ts';
import {
  checkHostname,
  environment,
  lookUpUser,
  parseCount,
  parseNumber,
  parseRootfs,
  parseSize,
  parseWorkdir,
} from '../words.ts';

/** What only the host's kernel can do, and what to do instead. */
function refuse(options: RunOptions): void {
  const refused: [boolean, string][] = [
    [options.net === 'host', '--net host: under the userspace kernel there is a loopback of its own only'],
    [options.cpus !== undefined, '--cpus'],
    [options.capAdd.length + options.capDrop.length > 0, '--cap-add and --cap-drop'],
    [options.seccomp !== 'default', '--seccomp'],
    [options.init === true, '--init'],
  ];
  const first = refused.find(([given]) => given);
  if (!first) return;
  const [, what] = first;
  throw new Error(`${what}${what.includes(':') ? '' : ' is for the host’s kernel'}; use --platform none.`);
}

function bindOf(text: string): NonNullable<GuestSpec['binds']>[number] {
  const { source, target, attributes }: Bind = parseBind(text);
  return { source, target, readOnly: attributes.includes('ro') };
}

export function guestSpecOf(
  platform: PlatformName,
  argv: readonly string[],
  options: RunOptions,
  terminal: boolean,
): GuestSpec {
  refuse(options);
  checkHostname(options.hostname);
  const rootfs = options.rootfs === undefined ? undefined : parseRootfs(options.rootfs);
  const current = process.cwd();
  const shown = rootfs === undefined && isShown(current);
  const workdir = options.workdir === undefined ? undefined : parseWorkdir(options.workdir);
  return {
    platform,
    argv,
    env: environment(options.env, terminal),
    root: rootfs ?? '/',
    hidden: rootfs === undefined ? hiddenPaths(current) : [],
    binds: options.bind.map(bindOf),
    workdir: workdir ?? (shown ? current : '/'),
    user: options.user === undefined ? { uid: 0, gid: 0 } : lookUpUser(options.user, rootfs),
    hostname: options.hostname,
    ...(shown && { current }),
    ...(options.memory !== undefined && { memory: parseSize('--memory', options.memory) }),
    watchMemory: options.stats === true,
    confine: true,
    ...(options.pids !== undefined && { pids: parseCount(options.pids) }),
    ...(options.timeout !== undefined && {
      timeout: parseNumber('--timeout', options.timeout, 'seconds, such as 10'),
    }),
  };
}
