/** Address spaces. */
import * as mman from '../../../linux/mman.ts';
import { bitNames, flags, named, oneOf } from '../names.ts';
import type { Decode, TraceFamily } from '../row.ts';
import { vector, vectorOut } from '../structs/sockets.ts';
import { hexadecimal, integer, pointer, size } from '../values.ts';

const PROTECTION = flags(named(mman, 'PROT_'));
const MAP = named(mman, 'MAP_', 'MAP_TYPE', 'MAP_SHARED', 'MAP_PRIVATE', 'MAP_SHARED_VALIDATE');
const KINDS = ['MAP_FILE', 'MAP_SHARED', 'MAP_PRIVATE', 'MAP_SHARED_VALIDATE'];

const mapFlags: Decode = (value) => {
  const rest = (value & ~mman.MAP_TYPE) >>> 0;
  const kind = KINDS[value & mman.MAP_TYPE] ?? `0x${(value & mman.MAP_TYPE).toString(16)}`;
  return rest === 0 ? kind : `${kind}|${bitNames(MAP, rest)}`;
};

const LOCKS = flags(named(mman, 'MCL_'));

export const memory: TraceFamily = {
  mmap: { arguments: [pointer, size, PROTECTION, mapFlags, integer, hexadecimal], result: hexadecimal },
  munmap: [pointer, size],
  mprotect: [pointer, size, PROTECTION],
  pkey_mprotect: [pointer, size, PROTECTION, integer],
  mremap: {
    arguments: [
      pointer,
      size,
      size,
      flags(named(mman, 'MREMAP_')),
      (value, call) => (call.args[3]! & 2 ? pointer(value, call) : undefined),
    ],
    result: hexadecimal,
  },
  madvise: [pointer, size, oneOf(named(mman.MADV, 'MADV_'))],
  msync: [pointer, size, flags(named(mman, 'MS_'))],
  mincore: [pointer, size, pointer],
  mlock: [pointer, size],
  mlock2: [pointer, size, hexadecimal],
  munlock: [pointer, size],
  mlockall: [LOCKS],
  munlockall: [],
  brk: { arguments: [pointer], result: hexadecimal },
  membarrier: [integer, hexadecimal, integer],
  process_vm_readv: [integer, vectorOut(2), size, pointer, size, hexadecimal],
  process_vm_writev: [integer, vector(2), size, pointer, size, hexadecimal],
};
