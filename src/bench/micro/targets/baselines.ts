/** Bare C beside the platforms: what the trap costs when no kernel is behind it. */
import { helperPath } from '../../../linux/addon.ts';
import { gapOf } from '../guest.ts';
import type { MicroTarget } from '../target.ts';
import { plain } from './plain.ts';

function baseline(name: string, kind: string, title: string, workloads?: string[]): MicroTarget {
  const run = (count: number, warmUp: number): string[] => [
    helperPath('baseline'),
    kind,
    String(count),
    String(warmUp),
  ];
  return {
    name,
    family: 'baseline',
    title,
    ...(workloads && { workloads }),
    command: (_workload, count, warmUp) => run(count, warmUp),
    probe: () => gapOf(run(1, 0)),
    version: plain.version,
  };
}

/** The machine moves its cores, so the ring is measured in every round of every workload. */
export const baselines: readonly MicroTarget[] = [
  baseline('ring', 'ring', 'a cache line to another core and back'),
  baseline('c-trap', 'trap', 'SECCOMP_RET_TRAP, answered in C', ['getppid']),
  baseline('c-notify', 'notify', 'a seccomp notification, answered in C', ['getppid']),
  baseline('c-ptrace', 'ptrace', 'PTRACE_SYSEMU, answered in C', ['getppid']),
];
