/** The eight namespaces by the names that `lsns` and /proc/PID/ns give them, with their clone flags (namespaces(7)). */
export const CLONE_FLAGS = {
  user: 0x1000_0000,
  mnt: 0x0002_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
  ipc: 0x0800_0000,
  uts: 0x0400_0000,
  cgroup: 0x0200_0000,
  time: 0x0000_0080,
} as const;

export type Namespace = keyof typeof CLONE_FLAGS;
export const NAMESPACES = Object.keys(CLONE_FLAGS) as [Namespace, ...Namespace[]];
