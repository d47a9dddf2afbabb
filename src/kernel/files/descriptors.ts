/** A process's table of descriptors (Linux: struct files_struct); shared by tasks that clone with CLONE_FILES. */
import { EBADF, EMFILE } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import type { FileDescription } from './description.ts';

export class DescriptorTable {
  /** Descriptors are below this (getrlimit(2), RLIMIT_NOFILE). */
  limit: number;
  readonly #files: (FileDescription | undefined)[] = [];
  readonly #closeOnExec: boolean[] = [];
  /** No descriptor below this is free. */
  #firstFree = 0;

  constructor(limit = 1024) {
    this.limit = limit;
  }

  /** Fails with EBADF. */
  get(fd: number): FileDescription {
    return this.#files[fd] ?? fail(EBADF);
  }

  find(fd: number): FileDescription | undefined {
    return this.#files[fd];
  }

  /** Gives `file` the lowest free descriptor from `from` on. @returns it, or -EMFILE, and then `file` is as before */
  install(file: FileDescription, closeOnExec = false, from = 0): number {
    const files = this.#files;
    let fd = Math.max(from, this.#firstFree);
    while (files[fd] !== undefined) fd++;
    if (fd >= this.limit) return -EMFILE;
    while (files.length < fd) files.push(undefined);
    if (from <= this.#firstFree) this.#firstFree = fd + 1;
    this.#put(fd, file, closeOnExec);
    return fd;
  }

  /** Makes `fd` refer to `file`; what it referred to before is closed (dup2(2)). @returns `fd`, or -EBADF beyond the limit */
  replace(fd: number, file: FileDescription, closeOnExec: boolean): number {
    if (fd < 0 || fd >= this.limit) return -EBADF;
    const old = this.#files[fd];
    while (this.#files.length < fd) this.#files.push(undefined);
    this.#put(fd, file, closeOnExec);
    if (old) this.#drop(old);
    return fd;
  }

  #put(fd: number, file: FileDescription, closeOnExec: boolean): void {
    file.references++;
    this.#files[fd] = file;
    this.#closeOnExec[fd] = closeOnExec;
  }

  /** @returns the description that `fd` referred to, its reference passed to the caller; undefined: not open */
  take(fd: number): FileDescription | undefined {
    const file = this.#files[fd];
    if (file === undefined) return undefined;
    this.#files[fd] = undefined;
    if (fd < this.#firstFree) this.#firstFree = fd;
    return file;
  }

  /** @returns 0 or -EBADF */
  close(fd: number): number {
    const file = this.take(fd);
    if (file === undefined) return -EBADF;
    this.#drop(file);
    return 0;
  }

  #drop(file: FileDescription): void {
    file.closing(this);
    dropReference(file);
  }

  closesOnExec(fd: number): boolean {
    return this.#closeOnExec[fd] === true;
  }

  setCloseOnExec(fd: number, value: boolean): void {
    this.#closeOnExec[fd] = value;
  }

  /** execve(2): closes what has FD_CLOEXEC. */
  closeOnExec(): void {
    for (const fd of this.descriptors()) if (this.#closeOnExec[fd]) this.close(fd);
  }

  /** Its last task has ended: closes everything. */
  release(): void {
    for (const fd of this.descriptors()) this.close(fd);
  }

  /** All open descriptors in ascending order. */
  descriptors(): number[] {
    const open: number[] = [];
    this.#files.forEach((file, fd) => {
      if (file) open.push(fd);
    });
    return open;
  }

  /** A copy, for clone(2) without CLONE_FILES: the same descriptions under the same numbers. */
  fork(): DescriptorTable {
    const table = new DescriptorTable(this.limit);
    for (const fd of this.descriptors()) table.replace(fd, this.#files[fd]!, this.#closeOnExec[fd]!);
    table.#firstFree = this.#firstFree;
    return table;
  }
}

/** A descriptor, mapping or message that referred to `file` is gone. */
export function dropReference(file: FileDescription): void {
  if (--file.references === 0) file.release();
}
