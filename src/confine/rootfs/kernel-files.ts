/** /proc and /sys: fresh ones of the child's own namespaces, with what belongs to the whole machine covered. */
import type { StepInput } from '../plan.ts';
import type { Mount } from './mountinfo.ts';

/** These tell of the machine, or of other people's keys and processes; runc covers them too. */
export const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/kmsg',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
];

const MASKED_IN_SYS = [
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
];

/** Writing to these would change the machine, or run a program of the writer's choice on it (core_pattern). */
export const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/**
 * The pid namespace's own limit, since Linux 6.14: it holds for all of the child's users together, where RLIMIT_NPROC
 * counts each by himself, and needs no cgroup. Not below 301, the kernel's least (kernel/pid.c).
 */
const MOST_PIDS = 4096;

/** Folders below /sys that are made to be mounted on, and so hide nothing when they are covered (fs/sysfs/mount.c). */
const MOUNT_POINTS_IN_SYS = /^\/sys\/(fs\/|kernel\/|firmware\/efi\/|hypervisor$)/;

/**
 * May a user namespace mount a fresh sysfs? Only where the one that we see is whole (fs/namespace.c,
 * mnt_already_visible); a container's engine has often covered parts of it.
 */
export function sysfsIsWhole(mounts: readonly Mount[]): boolean {
  const sys = mounts.filter(({ target }) => target === '/sys');
  if (sys.length === 0 || sys.some(({ options }) => options.includes('ro'))) return false;
  return mounts.every(({ target }) => !target.startsWith('/sys/') || MOUNT_POINTS_IN_SYS.test(target));
}

export interface KernelFileOptions {
  root: string;
  /** Has the child a network namespace of its own? A sysfs shows the network of who mounts it, and only he may. */
  ownNetwork: boolean;
  mounts: readonly Mount[];
}

export function procSteps(root: string): StepInput[] {
  return [
    { step: 'directory', path: `${root}/proc` },
    {
      step: 'mount',
      type: 'proc',
      source: 'proc',
      target: `${root}/proc`,
      attributes: ['nosuid', 'nodev', 'noexec'],
    },
    { step: 'sysctl', path: `${root}/proc/sys/kernel/pid_max`, value: String(MOST_PIDS), optional: true },
    ...MASKED.map((path): StepInput => ({ step: 'mask', path: `${root}${path}` })),
    ...READ_ONLY.map((path): StepInput => ({
      step: 'attributes',
      target: `${root}${path}`,
      set: ['ro', 'nosuid', 'nodev', 'noexec'],
      recursive: true,
      optional: true,
    })),
  ];
}

export function sysSteps({ root, ownNetwork, mounts }: KernelFileOptions): StepInput[] {
  const target = `${root}/sys`;
  const attributes: ['ro', 'nosuid', 'nodev', 'noexec'] = ['ro', 'nosuid', 'nodev', 'noexec'];
  const show: StepInput =
    ownNetwork && sysfsIsWhole(mounts)
      ? { step: 'mount', type: 'sysfs', source: 'sysfs', target, attributes }
      : { step: 'bind', source: '/sys', target, recursive: true, attributes };
  return [
    { step: 'directory', path: target },
    show,
    ...MASKED_IN_SYS.map((path): StepInput => ({ step: 'mask', path: `${root}${path}` })),
  ];
}
