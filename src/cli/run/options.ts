/** The words of `ring3 run` as a RunSpec. Every wrong one is an Error of one line that says what would be right. */
import type { Limits } from '../../confine/cgroups/index.ts';
import { hostIdMaps } from '../../confine/idmaps.ts';
import { DEFAULT_CAPABILITIES } from '../../confine/privileges.ts';
import { isShown } from '../../confine/rootfs/host.ts';
import { parseBind } from '../../confine/rootfs/binds.ts';
import { CAPABILITIES, type Capability } from '../../linux/capabilities.ts';
import { seccompProgram } from '../../sandbox/seccomp.ts';
import type { RunSpec } from '../../sandbox/spec.ts';
import {
  checkHostname,
  environment,
  lookUpUser,
  parseCount,
  parseNumber,
  parseRootfs,
  parseSize,
  parseWorkdir,
} from './words.ts';

export interface RunOptions {
  platform?: string;
  rootfs?: string;
  bind: string[];
  workdir?: string;
  env: string[];
  user?: string;
  hostname: string;
  net: string;
  memory?: string;
  pids?: string;
  cpus?: string;
  capDrop: string[];
  capAdd: string[];
  seccomp: string;
  timeout?: string;
  init?: boolean;
  trace?: string | true;
  with: string[];
  verbose?: boolean;
  plan?: boolean;
  stats?: boolean;
  json?: boolean;
}

function limitsOf({ memory, pids, cpus }: RunOptions): Limits {
  const limits: Limits = {};
  if (memory !== undefined) limits.memory = parseSize('--memory', memory);
  if (pids !== undefined) limits.pids = parseCount(pids);
  if (cpus !== undefined) limits.cpus = parseNumber('--cpus', cpus, 'a share of cores, such as 0.5 or 2');
  return limits;
}

function parseCapability(option: string, name: string): Capability {
  const upper = name.toUpperCase();
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  const known = CAPABILITIES.find((capability) => capability === full);
  if (!known) throw new Error(`${option} ${name} is no capability: see capabilities(7), or write ALL.`);
  return known;
}

const isAll = (name: string): boolean => name.toUpperCase() === 'ALL';

function capabilitiesOf({ capDrop, capAdd }: RunOptions): Capability[] {
  const dropped = capDrop.filter((name) => !isAll(name)).map((name) => parseCapability('--cap-drop', name));
  const added = capAdd.filter((name) => !isAll(name)).map((name) => parseCapability('--cap-add', name));
  const start = capAdd.some(isAll) ? CAPABILITIES : capDrop.some(isAll) ? [] : DEFAULT_CAPABILITIES;
  return CAPABILITIES.filter(
    (name) => added.includes(name) || (start.includes(name) && !dropped.includes(name)),
  );
}

function check(options: RunOptions): void {
  if (options.net !== 'none' && options.net !== 'host') {
    throw new Error(`--net ${options.net}: write none (only a loopback of its own) or host.`);
  }
  checkHostname(options.hostname);
  const [ours] = [options.trace && '--trace', options.with.length > 0 && '--with'].filter(Boolean);
  if (ours) throw new Error(`${ours} is for the userspace kernel: use --platform rewrite.`);
}

/** `NAME`, `UID` or `UID:GID`; names are those of the guest's /etc/passwd (passwd(5)). */
function mappedUser(text: string | undefined, rootfs: string | undefined): { uid: number; gid: number } {
  const user = text === undefined ? { uid: 0, gid: 0 } : lookUpUser(text, rootfs);
  const { step } = hostIdMaps();
  const inside = (map: typeof step.uid, id: number): boolean =>
    map.some((range) => range.inside <= id && id < range.inside + range.count);
  if (!inside(step.uid, user.uid) || !inside(step.gid, user.gid)) {
    throw new Error(
      `--user ${text}: you may map only your own id, which is 0 inside. For more, install newuidmap (apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid.`,
    );
  }
  return user;
}

export function specOf(argv: readonly string[], options: RunOptions, terminal: RunSpec['terminal']): RunSpec {
  check(options);
  const rootfs = options.rootfs === undefined ? undefined : parseRootfs(options.rootfs);
  const capabilities = capabilitiesOf(options);
  const seccomp = seccompProgram(options.seccomp, capabilities);
  const workdir = options.workdir === undefined ? undefined : parseWorkdir(options.workdir);
  return {
    argv,
    env: environment(options.env, terminal !== undefined),
    binds: options.bind.map(parseBind),
    current: process.cwd(),
    workdir: workdir ?? (rootfs === undefined && isShown(process.cwd()) ? process.cwd() : '/'),
    user: mappedUser(options.user, rootfs),
    hostname: options.hostname,
    net: options.net as RunSpec['net'],
    limits: limitsOf(options),
    capabilities,
    init: options.init ?? false,
    ...(rootfs !== undefined && { rootfs }),
    ...(seccomp !== undefined && { seccomp }),
    ...(options.timeout !== undefined && {
      timeout: parseNumber('--timeout', options.timeout, 'seconds, such as 10'),
    }),
    ...(terminal && { terminal }),
  };
}
