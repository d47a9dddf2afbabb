/** /proc/PID/maps and the sizes in statm and status (proc(5)). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../../linux/mman.ts';
import { deviceMajor, deviceMinor } from '../../../linux/stat.ts';
import type { GuestMemory } from '../../memory/guest-memory.ts';
import type { Vma } from '../../memory/vma.ts';

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function line(vma: Vma): string {
  const { protection, file } = vma;
  const rights = [
    protection & PROT_READ ? 'r' : '-',
    protection & PROT_WRITE ? 'w' : '-',
    protection & PROT_EXEC ? 'x' : '-',
    vma.shared ? 's' : 'p',
  ].join('');
  const device = file?.device ?? 0;
  const place = `${hex(deviceMajor(device), 2)}:${hex(deviceMinor(device), 2)} ${file?.inode ?? 0}`;
  const range = `${hex(vma.start, 8)}-${hex(vma.end, 8)} ${rights} ${hex(vma.fileOffset, 8)} ${place}`;
  const name = vma.name || file?.name;
  // Names begin in the same column, as programs that read this expect.
  return name ? `${range.padEnd(72)} ${name.replaceAll('\n', '\\012')}\n` : `${range} \n`;
}

export function mapsText(mm: GuestMemory): string {
  return mm.areas.items.map(line).join('');
}

/** Bytes of the address space by what they are for. */
export interface Sizes {
  total: number;
  data: number;
  stack: number;
  text: number;
  shared: number;
}

export function sizesOf(mm: GuestMemory): Sizes {
  const sizes: Sizes = { total: 0, data: 0, stack: 0, text: 0, shared: 0 };
  for (const vma of mm.areas.items) {
    const length = vma.end - vma.start;
    sizes.total += length;
    if (vma.name === '[stack]') sizes.stack += length;
    else if (vma.protection & PROT_EXEC) sizes.text += length;
    else if (!vma.shared && vma.protection & PROT_WRITE) sizes.data += length;
    if (vma.file) sizes.shared += length;
  }
  return sizes;
}
