/** Maps the segments of an ELF file: bytes of the file, then zeros. */
import { ENOMEM } from '../../linux/errno.ts';
import { PROT_WRITE } from '../../linux/mman.ts';
import { PAGE } from '../../platform/memory-file.ts';
import { roundUp, type GuestMemory } from '../memory/guest-memory.ts';
import type { MappedFile } from '../memory/vma.ts';
import { pageOf, type Elf, type Segment } from './elf.ts';

/** @param bias what is added to the addresses that the file names. @returns 0 or -errno */
export function mapSegments(mm: GuestMemory, elf: Elf, file: MappedFile, bias: number): number {
  for (const segment of elf.segments) {
    const result = mapSegment(mm, segment, file, bias);
    if (result < 0) return result;
  }
  return 0;
}

/** Room for a file that can be loaded anywhere. @returns where its start goes, or -ENOMEM */
export function roomFor(mm: GuestMemory, elf: Elf): number {
  const slack = elf.alignment - PAGE;
  const found = mm.areas.findFree(roundUp(elf.end) - elf.start + slack);
  return found < 0 ? -ENOMEM : Math.ceil(found / elf.alignment) * elf.alignment;
}

function mapSegment(mm: GuestMemory, segment: Segment, file: MappedFile, bias: number): number {
  const { fileOffset, fileSize, memorySize, protection } = segment;
  const address = segment.address + bias;
  const start = pageOf(address);
  const fileEnd = address + fileSize;
  const filePages = fileSize > 0 ? roundUp(fileEnd) : start;
  const end = roundUp(address + memorySize);
  if (filePages > start) {
    const length = filePages - start;
    const at = { address: start, length, protection, fileOffset: pageOf(fileOffset) };
    const mapped = mm.map({ ...at, placement: 'replace', file });
    if (mapped < 0) return mapped;
  }
  // The rest of the last page belongs to the zeros (elf(5), PT_LOAD), not to what follows in the file.
  if (memorySize > fileSize && protection & PROT_WRITE)
    mm.user.zero(fileEnd, Math.min(filePages, end) - fileEnd);
  if (end <= filePages) return 0;
  const zeros = { address: filePages, length: end - filePages, protection };
  return Math.min(0, mm.map({ ...zeros, placement: 'replace' }));
}
