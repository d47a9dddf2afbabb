/** struct stat and statx, in short: type, permissions and size, or the device's number. */
import { hostArchitecture } from '../../../linux/architectures.ts';
import * as constants from '../../../linux/stat.ts';
import { STATX, STAT_LAYOUTS } from '../../../linux/stat-layout.ts';
import { named, nameOf } from '../names.ts';
import { filled } from '../values.ts';

const layout = STAT_LAYOUTS[hostArchitecture()];
const TYPES = named(constants, 'S_IF', 'S_IFMT');
const SPECIAL = named(constants, 'S_IS');

/** `S_IFREG|0644` */
export function modeText(mode: number): string {
  const type = mode & constants.S_IFMT;
  const special = SPECIAL.filter(([bit]) => mode & bit).map(([, name]) => name);
  const permissions = (mode & 0o777).toString(8).padStart(3, '0');
  return [...(type ? [nameOf(TYPES, type)] : []), ...special, `0${permissions}`].join('|');
}

const isDevice = (mode: number): boolean =>
  [constants.S_IFCHR, constants.S_IFBLK].includes(mode & constants.S_IFMT);

function device(major: number, minor: number): string {
  return `makedev(0x${major.toString(16)}, 0x${minor.toString(16)})`;
}

export const stat = filled((memory, address) => {
  const mode = memory.readU32(address + layout.mode);
  const rdev = memory.readU32(address + layout.rdev);
  const rest = isDevice(mode)
    ? `st_rdev=${device(constants.deviceMajor(rdev), constants.deviceMinor(rdev))}`
    : `st_size=${memory.readI64(address + layout.length)}`;
  return `{st_mode=${modeText(mode)}, ${rest}, ...}`;
});

export const statx = filled((memory, address) => {
  const mode = memory.readU16(address + STATX.mode);
  const size = memory.readI64(address + STATX.length);
  return `{stx_mask=0x${memory.readU32(address).toString(16)}, stx_mode=${modeText(mode)}, stx_size=${size}, ...}`;
});
