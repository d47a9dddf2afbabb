/** Rights of Landlock, and which version of it knows them (include/uapi/linux/landlock.h, landlock(7)). */
import { statSync } from 'node:fs';

/** open(2). */
export const O_PATH = 0o10000000;

const EXECUTE = 1;
const WRITE_FILE = 2;
const READ_FILE = 4;
const READ_DIR = 8;
const REFER = 0x2000;
const TRUNCATE = 0x4000;
const IOCTL_DEV = 0x8000;
/** Version 1 has the first thirteen: execute, read and write, remove, and make of each kind. */
const FIRST = 0x1fff;
const MAKE_CHAR = 0x40;
const MAKE_BLOCK = 0x800;

export const READING = READ_FILE | READ_DIR;
export const WRITING = (FIRST | REFER | TRUNCATE) & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK);
/** Of a file, and not a folder. */
export const WRITING_FILE = READ_FILE | WRITE_FILE | TRUNCATE;

export function filesystemRights(version: number): number {
  return FIRST | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
}

/** Binding and connecting of TCP. */
export function networkRights(version: number): number {
  return version >= 4 ? 3 : 0;
}

/** Abstract unix sockets, and signals to processes outside. */
export function scopes(version: number): number {
  return version >= 6 ? 3 : 0;
}

export function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}
