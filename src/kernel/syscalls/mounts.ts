/** Mounts are made when the sandbox starts, and stay (mount(2), pivot_root(2), open_by_handle_at(2)). */
import { EOPNOTSUPP, EPERM } from '../../linux/errno.ts';
import { refused, type SyscallFamily } from './handler.ts';

const FIXED = 'mounts are made when the sandbox starts, and stay';
const HANDLES = 'a handle would name a file beyond any path';

export const mounts: SyscallFamily = {
  mount: refused(FIXED, EPERM),
  umount2: refused(FIXED, EPERM),
  pivot_root: refused(FIXED, EPERM),
  open_tree: refused(FIXED, EPERM),
  move_mount: refused(FIXED, EPERM),
  mount_setattr: refused(FIXED, EPERM),
  fsopen: refused(FIXED, EPERM),
  fsmount: refused(FIXED, EPERM),
  fsconfig: refused(FIXED, EPERM),
  fspick: refused(FIXED, EPERM),
  name_to_handle_at: refused(HANDLES, EOPNOTSUPP),
  open_by_handle_at: refused(HANDLES, EPERM),
};
