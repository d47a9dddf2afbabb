/** What `run` is asked for: a command and its world, with everything that was left out filled in. */
import type { Capability } from '../linux/capabilities.ts';
import type { Limits } from '../confine/cgroups/index.ts';
import type { Bind } from '../confine/rootfs/binds.ts';

export interface RunSpec {
  argv: readonly string[];
  /** KEY=VALUE. */
  env: readonly string[];
  rootfs?: string;
  binds: readonly Bind[];
  /** The caller's folder, which stays visible in the host's root. */
  current: string;
  /** Where the command starts, inside. */
  workdir: string;
  user: { uid: number; gid: number };
  hostname: string;
  net: 'none' | 'host';
  limits: Limits;
  capabilities: readonly Capability[];
  /** A classic BPF program in base64; absent: no filter. */
  seccomp?: string;
  /** Seconds until the command is killed. */
  timeout?: number;
  /** Put an init at pid 1, and the command at pid 2. */
  init: boolean;
  terminal?: { rows: number; columns: number };
}
