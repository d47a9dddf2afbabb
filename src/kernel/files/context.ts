/** Root, working directory and umask (Linux: struct fs_struct); shared by tasks that clone with CLONE_FS. */
export interface FileSystemContext {
  umask: number;
}
