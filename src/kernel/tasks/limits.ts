/** Resource limits of a process (getrlimit(2)). RLIM_INFINITY is Infinity here. */
import { RESOURCES, type Resource } from '../../linux/resources.ts';

export interface Limit {
  soft: number;
  hard: number;
}

const MiB = 2 ** 20;

/** What a login on a Debian machine starts with. */
const DEFAULTS: Partial<Record<Resource, Limit>> = {
  stack: { soft: 8 * MiB, hard: Infinity },
  core: { soft: 0, hard: Infinity },
  nproc: { soft: 4096, hard: 4096 },
  nofile: { soft: 1024, hard: 1_048_576 },
  memlock: { soft: 8 * MiB, hard: 8 * MiB },
  sigpending: { soft: 4096, hard: 4096 },
  msgqueue: { soft: 819_200, hard: 819_200 },
  nice: { soft: 0, hard: 0 },
  rtprio: { soft: 0, hard: 0 },
};

export class Limits {
  /** RLIMIT_FSIZE, soft, which every write to a file asks for. */
  fileSize = Infinity;
  readonly #limits = new Map<Resource, Limit>();

  constructor(from?: Limits) {
    for (const resource of RESOURCES) {
      const limit = from?.get(resource) ?? DEFAULTS[resource] ?? { soft: Infinity, hard: Infinity };
      this.set(resource, limit);
    }
  }

  get(resource: Resource): Readonly<Limit> {
    return this.#limits.get(resource)!;
  }

  soft(resource: Resource): number {
    return this.#limits.get(resource)!.soft;
  }

  set(resource: Resource, limit: Limit): void {
    this.#limits.set(resource, { ...limit });
    if (resource === 'fsize') this.fileSize = limit.soft;
  }
}
