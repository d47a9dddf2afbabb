/** A guest's address space as the kernel keeps it: VMAs over the platform's address space (Linux: struct mm_struct). */
import type { AddressSpace, Fault } from '../../platform/platform.ts';
import type { UserMemory } from './user-memory.ts';

export interface GuestMemory {
  readonly space: AddressSpace;
  readonly user: UserMemory;
  /** A copy in a fresh address space (fork(2)). Fails with ENOMEM. */
  fork(space: AddressSpace): GuestMemory;
  /** The host could not do an access. @returns whether it may be tried again, because what it needs is there now */
  fault(fault: Fault): boolean;
  /** Its last task has ended: the space goes, and the pages are given back. */
  release(): void;
}
