/** Root, working directory and umask (Linux: struct fs_struct); shared by tasks that clone with CLONE_FS. */
import type { Dentry } from './dentry.ts';

export class FileSystemContext {
  root: Dentry;
  cwd: Dentry;
  umask: number;

  constructor(root: Dentry, cwd: Dentry = root, umask = 0o022) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  /** A copy, for clone(2) without CLONE_FS. */
  fork(): FileSystemContext {
    return new FileSystemContext(this.root, this.cwd, this.umask);
  }

  /** Its last task has ended. */
  release(): void {}
}
