/** What a process runs, for /proc/PID/exe, cmdline, environ and auxv. Children share it until they call execve. */
import type { ImageSource } from '../loader/image-source.ts';
import type { LoadedImage } from '../loader/load.ts';
import type { MappedFile } from '../memory/vma.ts';

export class Program {
  /** As it was found, after `#!`. */
  readonly path: string;
  readonly executable: MappedFile;
  /** Where in the process's memory arguments and environment are; the guest may write there. */
  readonly argumentsStart: number;
  readonly argumentsEnd: number;
  readonly environmentEnd: number;
  readonly auxv: Buffer;
  readonly #source: ImageSource;
  #users = 1;

  constructor(image: LoadedImage, source: ImageSource) {
    this.path = image.path;
    this.executable = image.executable;
    this.argumentsStart = image.argumentsStart;
    this.argumentsEnd = image.argumentsEnd;
    this.environmentEnd = image.environmentEnd;
    this.auxv = image.auxv;
    this.#source = source;
  }

  share(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.#source.close(this.executable);
  }
}
