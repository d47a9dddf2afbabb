/** What travels beside the bytes of a unix socket: descriptions and who has sent them (unix(7), cmsg(3)). */
import type { Task } from '../tasks/task.ts';
import { hold, letGo } from '../files/special/hold.ts';
import type { FileDescription } from '../files/description.ts';

/** struct ucred. */
export interface PeerCredentials {
  pid: number;
  uid: number;
  gid: number;
}

export function credentialsOf(task: Task): PeerCredentials {
  return { pid: task.group.pid, uid: task.credentials.euid, gid: task.credentials.egid };
}

/** Descriptions under way between sockets: each holds a reference until it arrives or is lost. */
export class Rights {
  #files: readonly FileDescription[];

  constructor(files: readonly FileDescription[]) {
    this.#files = files;
    hold(files);
  }

  get files(): readonly FileDescription[] {
    return this.#files;
  }

  /** The receiver has installed what it wanted, or nobody will. */
  release(): void {
    const files = this.#files;
    this.#files = [];
    letGo(files);
  }
}

export interface Ancillary {
  rights?: Rights | undefined;
  credentials?: PeerCredentials | undefined;
}

export const NO_ANCILLARY: Ancillary = {};
