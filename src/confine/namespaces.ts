/** Which of the eight namespaces a child gets of its own (namespaces(7)). */
import { NAMESPACES, type Namespace } from '../linux/namespaces.ts';
import type { StepInput } from './plan.ts';

/** What a child sees of the host when it does not get the namespace of its own: the reason to give it one. */
export const WITHOUT: Readonly<Record<Namespace, string>> = {
  user: 'its root is the root of the host',
  mnt: 'its mounts appear on the host, and its pivot_root moves everybody',
  pid: 'it sees every process, and signals those of its user',
  net: "it reaches the host's services on 127.0.0.1 and its abstract unix sockets",
  ipc: 'it attaches the System V shared memory and POSIX queues of its user',
  uts: 'its sethostname renames the host',
  cgroup: "/proc/self/cgroup tells it where it sits in the host's tree",
  time: 'it reads since when the host is up',
};

/**
 * All but `time`: a time namespace without offsets changes nothing that the child sees, and costs each fork a
 * second vDSO data page.
 */
export const DEFAULT_NAMESPACES: readonly Namespace[] = NAMESPACES.filter((type) => type !== 'time');

/**
 * The namespaces come into being in one clone3: `user` is made first by the kernel, so that it owns all the others
 * and the child's capabilities reach them (user_namespaces(7), "Interaction of user namespaces and other types").
 * Only `net`, which takes longer than all others together, is left to the child, which makes it while its maps are
 * being written.
 */
export function namespaceStep(types: readonly Namespace[]): StepInput {
  return { step: 'namespaces', types: NAMESPACES.filter((type) => types.includes(type)) };
}
