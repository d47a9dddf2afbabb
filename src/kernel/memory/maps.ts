/** The address space as /proc/PID/maps and smaps print it (proc_pid_maps(5), proc_pid_smaps(5)). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import type { GuestMemory } from './guest-memory.ts';
import { residentBetween } from './usage.ts';
import type { Vma } from './vma.ts';

/** Names begin in this column. */
const COLUMN = 73;

export function maps(mm: GuestMemory): string {
  return mm.areas.items.map((vma) => `${line(vma)}\n`).join('');
}

export function smaps(mm: GuestMemory): string {
  return mm.areas.items.map((vma) => `${line(vma)}\n${details(mm, vma)}`).join('');
}

function line(vma: Vma): string {
  const { start, end, file, fileOffset } = vma;
  const device = file?.device ?? 0;
  const fields = [
    `${hex(start)}-${hex(end)}`,
    permissions(vma),
    hex(file ? fileOffset : 0),
    `${hex(major(device), 2)}:${hex(minor(device), 2)}`,
    file?.inode ?? 0,
  ];
  const name = vma.name || file?.name || '';
  return name
    ? `${fields.join(' ').padEnd(COLUMN)}${name.replaceAll('\n', '\\012')}`
    : `${fields.join(' ')} `;
}

function permissions({ protection, shared }: Vma): string {
  const letter = (bit: number, text: string): string => (protection & bit ? text : '-');
  return `${letter(PROT_READ, 'r')}${letter(PROT_WRITE, 'w')}${letter(PROT_EXEC, 'x')}${shared ? 's' : 'p'}`;
}

function details(mm: GuestMemory, vma: Vma): string {
  const resident = residentBetween(mm, vma.start, vma.end);
  const anonymous = vma.file ? 0 : resident;
  const rows: [string, number][] = [
    ['Size', vma.end - vma.start],
    ['KernelPageSize', 4096],
    ['MMUPageSize', 4096],
    ['Rss', resident],
    ['Pss', resident],
    ['Shared_Clean', 0],
    ['Shared_Dirty', vma.shared ? resident : 0],
    ['Private_Clean', vma.file && !vma.shared ? resident : 0],
    ['Private_Dirty', vma.shared ? 0 : anonymous],
    ['Referenced', resident],
    ['Anonymous', anonymous],
    ['Swap', 0],
    ['Locked', 0],
  ];
  return rows
    .map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(bytes / 1024).padStart(8)} kB\n`)
    .join('');
}

function hex(value: number, width = 8): string {
  return value.toString(16).padStart(width, '0');
}

/** Device numbers as new_encode_dev packs them (include/linux/kdev_t.h). */
function major(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minor(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}
