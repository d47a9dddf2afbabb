/** What a guest may have under the userspace kernel, with everything that was left out filled in. */
import type { Bind } from '../../kernel/files/standard-tree.ts';
import type { WindowSize, Wire } from '../../kernel/files/terminal/terminal.ts';
import type { KernelOptions } from '../../kernel/kernel.ts';
import type { PlatformName } from '../../platform/platform.ts';

export interface GuestTerminal {
  wire: Wire;
  size: WindowSize;
  /** Which of 0, 1 and 2 it is. */
  descriptors: readonly number[];
}

export interface GuestSpec {
  platform: PlatformName;
  argv: readonly string[];
  /** KEY=VALUE. */
  env: readonly string[];
  /** The host's folder that is the guest's root; never written to. */
  root: string;
  /** Host paths that look empty. */
  hidden: readonly string[];
  binds?: readonly Bind[];
  /** A host folder that is shown although it lies in a hidden one. */
  current?: string;
  /** Where the command starts, inside. */
  workdir: string;
  user: { uid: number; gid: number };
  hostname: string;
  /** Bytes of memory that all guests together may have. */
  memory?: number;
  /** Measure how much they have had at most. */
  watchMemory?: boolean;
  /** At most so many processes and threads. */
  pids?: number;
  /** Seconds until all guests are killed. */
  timeout?: number;
  /** Descriptors of ours that become 0, 1 and 2, where the terminal does not. */
  stdio?: [number, number, number];
  /** A terminal of ours, which becomes the guest's own. */
  terminal?: GuestTerminal;
  /**
   * Takes from this process, for good, what a kernel does not need once it runs: see confine.ts. Not where this process has other
   * things to do.
   */
  confine?: boolean;
  kernel?: KernelOptions;
}
