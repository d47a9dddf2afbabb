/** What a process may do to its address space: mmap and its relatives. */
import {
  EACCES,
  EBADF,
  EINVAL,
  ENODEV,
  ENOMEM,
  ENOSPC,
  ENOSYS,
  EOPNOTSUPP,
  EOVERFLOW,
} from '../../linux/errno.ts';
import * as M from '../../linux/mman.ts';
import { PAGE } from '../../platform/memory-file.ts';
import type { FileDescription } from '../files/description.ts';
import { advise } from '../memory/advise.ts';
import { anonymousFile } from '../memory/anonymous-file.ts';
import type { Placement } from '../memory/areas.ts';
import { roundUp, type GuestMemory, type Mapping } from '../memory/guest-memory.ts';
import { brk } from '../memory/heap.ts';
import { remap } from '../memory/remap.ts';
import { residency } from '../memory/usage.ts';
import type { Task } from '../tasks/task.ts';
import { partial, refused, type SyscallFamily } from './handler.ts';

const ALL = M.PROT_READ | M.PROT_WRITE | M.PROT_EXEC;

/** What MAP_SHARED_VALIDATE lets pass; MAP_SYNC needs persistent memory. */
const KNOWN = M.MAP_TYPE | M.MAP_FIXED | M.MAP_ANONYMOUS | M.MAP_32BIT | M.MAP_GROWSDOWN | M.MAP_DENYWRITE;
const KNOWN_TOO =
  M.MAP_EXECUTABLE | M.MAP_LOCKED | M.MAP_NORESERVE | M.MAP_POPULATE | M.MAP_NONBLOCK | M.MAP_STACK;

/** makedev(1, 5), of /dev/zero: mapping it is mapping nothing (mmap(2), NOTES). */
const ZERO_DEVICE = 0x105;

/** The address space, held to the limit that the process has now. */
function limited(task: Task): GuestMemory {
  task.mm.limit = task.group.limits.soft('as');
  return task.mm;
}

function mmap(task: Task, args: Float64Array): number {
  const flags = args[3]! | 0;
  const position = args[5]!;
  const length = args[1]!;
  if (length === 0 || position % PAGE !== 0) return -EINVAL;
  const shared = sharing(flags);
  if (shared < 0) return shared;
  if (!(length > 0 && length <= task.mm.space.highest)) return -ENOMEM;
  const mapping: Mapping = {
    address: hintOf(args[0]!, flags),
    length,
    protection: (args[2]! | 0) & ALL,
    placement: placementOf(flags),
    shared: shared === 1,
  };
  if (flags & M.MAP_HUGETLB) return flags & M.MAP_ANONYMOUS ? -ENOMEM : -EINVAL;
  if (flags & M.MAP_ANONYMOUS) return mapAnonymous(task, mapping);
  return mapFile(task, mapping, task.files.get(args[4]! | 0), position);
}

/** @returns 1 for a shared mapping, 0 for a private one, or -errno */
function sharing(flags: number): number {
  switch (flags & M.MAP_TYPE) {
    case M.MAP_SHARED:
      return 1;
    case M.MAP_PRIVATE:
      return 0;
    case M.MAP_SHARED_VALIDATE:
      return flags & ~(KNOWN | KNOWN_TOO | M.MAP_HUGETLB | M.MAP_FIXED_NOREPLACE) ? -EOPNOTSUPP : 1;
    default:
      return -EINVAL;
  }
}

/** A hint need not be aligned; an address that is fixed must be, and is looked at as it is. */
function hintOf(address: number, flags: number): number {
  if (flags & (M.MAP_FIXED | M.MAP_FIXED_NOREPLACE)) return address;
  return Math.floor(address / PAGE) * PAGE;
}

function placementOf(flags: number): Placement {
  if (flags & M.MAP_FIXED_NOREPLACE) return 'keep';
  if (flags & M.MAP_FIXED) return 'replace';
  return flags & M.MAP_32BIT ? 'low' : 'anywhere';
}

function mapAnonymous(task: Task, mapping: Mapping): number {
  if (mapping.shared) mapping.file = anonymousFile(task.mm.memory, roundUp(mapping.length));
  return limited(task).map(mapping);
}

function mapFile(task: Task, mapping: Mapping, file: FileDescription, position: number): number {
  if (position < 0 || position + mapping.length > Number.MAX_SAFE_INTEGER) return -EOVERFLOW;
  const memory = file.memory();
  if (memory === -EBADF) return -EBADF;
  if (!file.readable) return -EACCES;
  const readOnly = mapping.shared === true && !file.writable;
  if (readOnly && mapping.protection & M.PROT_WRITE) return -EACCES;
  if (typeof memory === 'number') {
    const zero = memory === -ENODEV && file.stat().rdev === ZERO_DEVICE;
    return zero ? mapAnonymous(task, mapping) : memory;
  }
  const { dev, ino } = file.stat();
  mapping.file = { memory, name: file.name, device: dev, inode: ino };
  mapping.fileOffset = position;
  if (readOnly) mapping.allowed = ALL & ~M.PROT_WRITE;
  return limited(task).map(mapping);
}

function mprotect(task: Task, args: Float64Array): number {
  let address = args[0]!;
  let length = args[1]!;
  const protection = args[2]! | 0;
  if (protection & ~(ALL | M.PROT_GROWSDOWN)) return -EINVAL;
  if (protection & M.PROT_GROWSDOWN) {
    // From the stack's lowest page on (mprotect(2)): how a C library makes its stack executable.
    const stack = task.mm.areas.at(address);
    if (stack?.name !== '[stack]' || address % PAGE !== 0) return -EINVAL;
    length += address - stack.start;
    address = stack.start;
  }
  if (length < 0) return -ENOMEM;
  return task.mm.protect(address, length, protection & ALL);
}

function mremap(task: Task, args: Float64Array): number {
  const [address = 0, oldLength = 0, newLength = 0, flagBits = 0, target = 0] = args;
  const flags = flagBits | 0;
  if (address % PAGE !== 0 || flags & ~(M.MREMAP_MAYMOVE | M.MREMAP_FIXED)) return -EINVAL;
  const fixed = (flags & M.MREMAP_FIXED) !== 0;
  const mayMove = (flags & M.MREMAP_MAYMOVE) !== 0;
  if (fixed && !mayMove) return -EINVAL;
  const change = { address, oldLength, newLength, mayMove, target: fixed ? target : undefined };
  return remap(limited(task), change);
}

/** @returns 0, or -ENOMEM where a part of a range is not mapped, as calls answer that would do something to all of it */
function checkMapped(task: Task, start: number, length: number): number {
  const { areas } = task.mm;
  if (length === 0) return 0;
  const end = start + roundUp(length);
  return areas.contains(start, end) && areas.covers(start, end) ? 0 : -ENOMEM;
}

/** Files and their mappings have the same pages: there is nothing to bring together. */
function msync(task: Task, args: Float64Array): number {
  const flags = args[2]! | 0;
  if (args[0]! % PAGE !== 0 || flags & ~(M.MS_ASYNC | M.MS_INVALIDATE | M.MS_SYNC)) return -EINVAL;
  if (flags & M.MS_ASYNC && flags & M.MS_SYNC) return -EINVAL;
  const error = checkMapped(task, args[0]!, args[1]!);
  if (error < 0 || !(flags & M.MS_SYNC)) return error;
  task.mm.areas.eachPart(args[0]!, args[0]! + args[1]!, ({ shared, file }) => {
    if (shared) file?.memory.flush?.();
  });
  return 0;
}

/** Pages of guests are never paged out by us: locking them is knowing that they are there. */
function mlock(task: Task, args: Float64Array): number {
  const start = Math.floor(args[0]! / PAGE) * PAGE;
  return checkMapped(task, start, args[1]! + args[0]! - start);
}

function mlock2(task: Task, args: Float64Array): number {
  return (args[2]! | 0) & ~M.MLOCK_ONFAULT ? -EINVAL : mlock(task, args);
}

function mlockall(_task: Task, args: Float64Array): number {
  const flags = args[0]! | 0;
  const known = flags & (M.MCL_CURRENT | M.MCL_FUTURE);
  return known === 0 || flags & ~(known | M.MCL_ONFAULT) ? -EINVAL : 0;
}

const MOST_ASKED = 2 ** 30;

function mincore(task: Task, args: Float64Array): number {
  const [start = 0, length = 0, vector = 0] = args;
  if (start % PAGE !== 0) return -EINVAL;
  const mapped = length > MOST_ASKED ? -ENOMEM : checkMapped(task, start, length);
  if (mapped < 0) return mapped;
  task.memory.writeBytes(vector, residency(task.mm, start, start + roundUp(length)));
  return 0;
}

const MEMBARRIER_CMD_QUERY = 0;

/** Answers that there are none. Programs that ask fall back to barriers of their own, which is right on every machine. */
function membarrier(_task: Task, args: Float64Array): number {
  return (args[0]! | 0) === MEMBARRIER_CMD_QUERY && (args[1]! | 0) === 0 ? 0 : -EINVAL;
}

function pkeyMprotect(task: Task, args: Float64Array): number {
  return (args[3]! | 0) === -1 ? mprotect(task, args) : -EINVAL;
}

const ONE_NODE = 'guests see a machine with one memory node';

export const memory: SyscallFamily = {
  mmap: partial('no huge pages; MAP_GROWSDOWN does not grow; no SIGBUS after a file was cut short', mmap),
  munmap: (task, args) => task.mm.unmap(args[0]!, args[1]!),
  mprotect,
  mremap: partial('no MREMAP_DONTUNMAP, no second mapping of shared pages by a length of 0', mremap),
  brk: (task, args) => brk(limited(task), args[0]!),
  madvise: partial('no MADV_REMOVE; advice on speed is taken and ignored', (task, args) =>
    advise(task.mm, args[0]!, args[1]!, args[2]! | 0),
  ),
  msync,
  mincore: partial('at most 1 GiB at a time', mincore),
  mlock,
  mlock2,
  munlock: mlock,
  mlockall,
  munlockall: () => 0,
  membarrier: partial('offers no command: the query answers 0', membarrier),
  pkey_alloc: refused('guests see a processor without protection keys', ENOSPC),
  pkey_free: refused('there are no protection keys', EINVAL),
  pkey_mprotect: partial('key -1 only', pkeyMprotect),
  remap_file_pages: refused('replaced by mmap in Linux itself', ENOSYS),
  userfaultfd: refused('faults are the kernel’s own', ENOSYS),
  mbind: refused(ONE_NODE, ENOSYS),
  set_mempolicy: refused(ONE_NODE, ENOSYS),
  get_mempolicy: refused(ONE_NODE, ENOSYS),
  migrate_pages: refused(ONE_NODE, ENOSYS),
  move_pages: refused(ONE_NODE, ENOSYS),
};
