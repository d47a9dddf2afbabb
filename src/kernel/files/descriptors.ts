/** A process's table of descriptors (Linux: struct files_struct). */
import type { FileDescription } from './description.ts';

export interface DescriptorTable {
  /** Fails with EBADF. */
  get(fd: number): FileDescription;
  /** Takes the lowest free number. @returns it, or -EMFILE. */
  install(description: FileDescription, closeOnExec: boolean): number;
  /** close(2): takes the number away. @returns 0 or -EBADF. */
  close(fd: number): number | Promise<number>;
  /** A copy, for clone(2) without CLONE_FILES. */
  fork(): DescriptorTable;
  /** execve(2): closes what has FD_CLOEXEC. */
  closeOnExec(): void;
  /** Its last task has ended: closes everything. */
  release(): void;
}
