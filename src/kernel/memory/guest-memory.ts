/** A guest's address space as the kernel keeps it: VMAs over the platform's address space (Linux: struct mm_struct). */
import type { AddressSpace } from '../../platform/platform.ts';
import type { UserMemory } from './user-memory.ts';

export interface GuestMemory {
  readonly space: AddressSpace;
  readonly user: UserMemory;
}
