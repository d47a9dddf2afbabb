/** A task in a file system over a folder of the host's that the test has filled. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FileSystemContext } from '../../../src/kernel/files/context.ts';
import { DescriptorTable } from '../../../src/kernel/files/descriptors.ts';
import { FileSystem, type FileSystemOptions } from '../../../src/kernel/files/file-system.ts';
import { descriptors } from '../../../src/kernel/syscalls/descriptors.ts';
import { directories } from '../../../src/kernel/syscalls/directories.ts';
import { files } from '../../../src/kernel/syscalls/files.ts';
import { attributes } from '../../../src/kernel/syscalls/attributes.ts';
import { locks } from '../../../src/kernel/syscalls/locks.ts';
import { metadata } from '../../../src/kernel/syscalls/metadata.ts';
import { names } from '../../../src/kernel/syscalls/names.ts';
import { storage } from '../../../src/kernel/syscalls/storage.ts';
import { transfers } from '../../../src/kernel/syscalls/transfers.ts';
import { vectors } from '../../../src/kernel/syscalls/vectors.ts';
import { xattrs } from '../../../src/kernel/syscalls/xattrs.ts';
import { credentialsOf } from '../../../src/kernel/tasks/credentials.ts';
import { O_DIRECTORY } from '../../../src/linux/open-flags.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';
import { FakeTask } from '../support/task.ts';

export const FAMILIES = {
  ...files,
  ...metadata,
  ...directories,
  ...names,
  ...attributes,
  ...vectors,
  ...descriptors,
  ...locks,
  ...storage,
  ...transfers,
  ...xattrs,
};

/** Names and contents; a link is `-> target`, a folder ends in a slash. */
export type Tree = Readonly<Record<string, string>>;

function plant(folder: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(folder, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), path);
    else if (!name.endsWith('/')) writeFileSync(path, content);
  }
}

export class World extends FakeTask {
  readonly host: string;
  readonly fileSystem: FileSystem;
  readonly fs: FileSystemContext;
  readonly pages = new FakeMemoryFile();

  constructor(tree: Tree, options: Partial<FileSystemOptions> = {}) {
    super();
    this.host = mkdtempSync(join(tmpdir(), 'ring3-files-'));
    plant(this.host, tree);
    this.fileSystem = new FileSystem({ memory: this.pages, root: this.host, ...options });
    Object.assign(this.kernel, { memory: this.pages });
    this.fs = new FileSystemContext(this.fileSystem.root);
    this.files = new DescriptorTable() as typeof this.files;
    this.credentials = credentialsOf(0, 0) as unknown as typeof this.credentials;
  }

  [Symbol.dispose](): void {
    rmSync(this.host, { recursive: true });
  }

  /** A call that answers at once. Strings are put into the guest's memory. */
  sys(name: string, ...args: (number | string)[]): number {
    const numbers = args.map((arg) => (typeof arg === 'string' ? this.user.place(`${arg}\0`) : arg));
    const result = this.call(FAMILIES, name, ...numbers);
    if (typeof result !== 'number') throw new Error(`${name} waits`);
    return result;
  }

  /** What a file holds from the descriptor's position on. */
  readAll(fd: number): string {
    const buffer = this.user.reserve(4096);
    let text = '';
    for (;;) {
      const count = this.sys('read', fd, buffer, 4096);
      if (count < 0) throw new Error(`read: ${count}`);
      if (count === 0) return text;
      text += this.user.text(buffer, count);
    }
  }

  /** What a path holds; -errno where it cannot be opened. */
  content(path: string): string | number {
    const fd = this.sys('open', path, 0);
    if (fd < 0) return fd;
    const text = this.readAll(fd);
    this.sys('close', fd);
    return text;
  }

  write(path: string, text: string, flags = 0o1101, mode = 0o644): number {
    const fd = this.sys('open', path, flags, mode);
    if (fd < 0) return fd;
    const count = this.sys('write', fd, text, text.length);
    this.sys('close', fd);
    return count;
  }

  names(path: string): string[] {
    const fd = this.sys('open', path, O_DIRECTORY);
    const buffer = this.user.reserve(4096);
    const found: string[] = [];
    for (;;) {
      const count = this.sys('getdents64', fd, buffer, 4096);
      if (count < 0) throw new Error(`getdents64: ${count}`);
      if (count === 0) break;
      const bytes = this.user.readBytes(buffer, count);
      for (let at = 0; at < count; at += bytes.readUInt16LE(at + 16)) {
        found.push(bytes.toString('latin1', at + 19, bytes.indexOf(0, at + 19)));
      }
    }
    this.sys('close', fd);
    return found.filter((name) => name !== '.' && name !== '..').sort();
  }

  /** Fields of struct stat of x86-64. */
  stat(path: string, call = 'stat') {
    const buffer = this.user.reserve(144);
    const error = this.sys(call, path, buffer);
    const at = this.user.readBytes(buffer, 144);
    return {
      error,
      ino: Number(at.readBigUInt64LE(8)),
      nlink: at.readUInt32LE(16),
      mode: at.readUInt32LE(24),
      size: Number(at.readBigInt64LE(48)),
    };
  }
}
