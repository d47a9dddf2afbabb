/** Root, working directory and umask (Linux: struct fs_struct); shared by tasks that clone with CLONE_FS. */
export interface FileSystemContext {
  umask: number;
  /** A copy, for clone(2) without CLONE_FS. */
  fork(): FileSystemContext;
  /** Its last task has ended. */
  release(): void;
}
