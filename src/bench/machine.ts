/** Where a measurement was taken: without it a number of milliseconds means nothing. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, version } from 'node:os';
import { hostTitle } from '../doctor/hosts/index.ts';
import { hostFacts } from '../doctor/host.ts';
import { currentAsker } from '../doctor/asker.ts';

export interface Machine {
  host: string;
  /** uname(2): release and version. */
  kernel: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Of the last minute, when the run began (proc_loadavg(5)). */
  load: number;
  node: string;
  /** With CAP_SYS_ADMIN; an ordinary user needs a user namespace for most confinements. */
  privileged: boolean;
}

export function describeMachine(): Machine {
  return {
    host: hostTitle(hostFacts()),
    kernel: `${release()} ${version()}`,
    cpu: cpuName(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    load: loadavg()[0]!,
    node: process.version,
    privileged: currentAsker().privileged,
  };
}

/** Node leaves it empty on arm64, where /proc/cpuinfo has no name either. */
function cpuName(): string {
  const model = cpus()[0]?.model.trim();
  if (model && model !== 'unknown') return model;
  return /^Hardware\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
}
