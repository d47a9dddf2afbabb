/** Flags of clone(2) (include/uapi/linux/sched.h). Doubles: CLONE_CLEAR_SIGHAND is beyond 32 bits. */
export const CSIGNAL = 0xff;
export const CLONE_VM = 0x100;
export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_SIGHAND = 0x800;
export const CLONE_PIDFD = 0x1000;
export const CLONE_VFORK = 0x4000;
export const CLONE_PARENT = 0x8000;
export const CLONE_THREAD = 0x1_0000;
export const CLONE_SYSVSEM = 0x4_0000;
export const CLONE_SETTLS = 0x8_0000;
export const CLONE_PARENT_SETTID = 0x10_0000;
export const CLONE_CHILD_CLEARTID = 0x20_0000;
export const CLONE_CHILD_SETTID = 0x100_0000;
export const CLONE_IO = 0x8000_0000;

/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: a namespace of its own. */
export const CLONE_NEW_NAMESPACES = 0x7e02_0080;

/** clone3(2) only: bits 32 and 33. */
export const CLONE_CLEAR_SIGHAND_HIGH = 1;
export const CLONE_INTO_CGROUP_HIGH = 2;

/** struct clone_args: how much of it the first version had, and how much we know. */
export const CLONE_ARGS_SIZE_VER0 = 64;
export const CLONE_ARGS_SIZE = 88;
