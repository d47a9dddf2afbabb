/** What /proc tells about the system as a whole (proc(5)). */
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { EINVAL } from '../../../linux/errno.ts';
import { RELEASE, VERSION } from '../../syscalls/system.ts';
import { PID_MAX } from '../../tasks/pids.ts';
import type { Task } from '../../tasks/task.ts';
import type { Inode } from '../inode.ts';
import type { NodeMaker } from './nodes.ts';
import { stateOf } from './status.ts';

const KIB = 1024;

/** How many processors guests see. */
export function processorsOf(task: Task): number {
  let count = 0;
  for (let bits = task.kernel.processors >>> 0; bits > 0; bits >>>= 1) count += bits & 1;
  return Math.max(1, count);
}

function meminfo(task: Task): string {
  const { total: memory, free } = task.kernel.memoryUse();
  const lines: [string, number][] = [
    ['MemTotal', memory],
    ['MemFree', free],
    ['MemAvailable', free],
    ['Buffers', 0],
    ['Cached', 0],
    ['SwapCached', 0],
    ['Active', memory - free],
    ['Inactive', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 0],
    ['Shmem', 0],
    ['CommitLimit', memory],
    ['Committed_AS', memory - free],
    ['VmallocTotal', 0],
  ];
  const text = lines.map(([name, bytes]) => `${`${name}:`.padEnd(15)} ${kib(bytes)}\n`).join('');
  return `${text}HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n`;
}

function kib(bytes: number): string {
  return `${String(Math.floor(bytes / KIB)).padStart(8)} kB`;
}

/** The host's text for so many of its processors: programs look for features there. */
function cpuinfo(task: Task): string {
  const blocks = hostText('/proc/cpuinfo').split('\n\n').slice(0, processorsOf(task));
  return blocks.length > 0 ? `${blocks.join('\n\n').trimEnd()}\n\n` : '';
}

/** Of the kernel's own files, those that are the same for guests. Empty where we may not open them any more. */
function hostText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function uptime(task: Task): string {
  const seconds = (task.kernel.clock.monotonic() / 1000).toFixed(2);
  return `${seconds} 0.00\n`;
}

function load(task: Task): string {
  const averages = loadavg().map((value) => value.toFixed(2));
  let running = 0;
  for (const process of task.kernel.pids.processes()) if (stateOf(process.leader) === 'R') running++;
  const { taskCount, lastPid } = task.kernel.pids;
  return `${averages.join(' ')} ${running}/${taskCount} ${lastPid}\n`;
}

function stat(task: Task): string {
  const processors = processorsOf(task);
  let used = 0;
  let running = 0;
  for (const process of task.kernel.pids.processes()) {
    used += process.cpuTime();
    if (stateOf(process.leader) === 'R') running++;
  }
  const { clock, pids } = task.kernel;
  const idle = Math.floor((clock.monotonic() * processors - used) / 10);
  const times = `${Math.floor(used / 10)} 0 0 ${Math.max(0, idle)} 0 0 0 0 0 0`;
  const each = Array.from({ length: processors }, (_, index) => `cpu${index} ${times}\n`).join('');
  const boot = Math.floor((clock.realtime() - clock.monotonic()) / 1000);
  return (
    `cpu  ${times}\n${each}intr 0\nctxt 0\nbtime ${boot}\nprocesses ${pids.lastPid}\n` +
    `procs_running ${running}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`
  );
}

const FILE_SYSTEMS = 'nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\toverlay\nnodev\tdevpts\n';

function setHostname(value: string, task: Task): number {
  const name = value.replace(/\n$/, '');
  if (name.length > 64) return -EINVAL;
  task.kernel.hostname = name;
  return 0;
}

/** /proc/sys/kernel. */
function kernelSettings(maker: NodeMaker): Inode {
  const bootId = randomUUID();
  return maker.folder({
    ostype: maker.text(() => 'Linux\n'),
    osrelease: maker.text(() => `${RELEASE}\n`),
    version: maker.text(() => `${VERSION}\n`),
    hostname: maker.text((task) => `${task.kernel.hostname}\n`, setHostname),
    domainname: maker.text((task) => `${task.kernel.domainname}\n`),
    pid_max: maker.text(() => `${PID_MAX}\n`),
    'threads-max': maker.text(() => '8192\n'),
    ngroups_max: maker.text(() => '65536\n'),
    cap_last_cap: maker.text(() => '40\n'),
    overflowuid: maker.text(() => '65534\n'),
    overflowgid: maker.text(() => '65534\n'),
    core_pattern: maker.text(() => 'core\n'),
    randomize_va_space: maker.text(() => '0\n'),
    shmmax: maker.text(() => '18446744073692774399\n'),
    msgmax: maker.text(() => '8192\n'),
    random: maker.folder({
      uuid: maker.text(() => `${randomUUID()}\n`),
      boot_id: maker.text(() => `${bootId}\n`),
      entropy_avail: maker.text(() => '256\n'),
      poolsize: maker.text(() => '256\n'),
    }),
    seccomp: maker.folder({ actions_avail: maker.text(() => '\n') }),
  });
}

function settings(maker: NodeMaker): Inode {
  return maker.folder({
    kernel: kernelSettings(maker),
    vm: maker.folder({
      overcommit_memory: maker.text(() => '1\n'),
      max_map_count: maker.text(() => '65530\n'),
      mmap_min_addr: maker.text(() => '65536\n'),
      swappiness: maker.text(() => '60\n'),
    }),
    fs: maker.folder({
      'file-max': maker.text(() => '1048576\n'),
      nr_open: maker.text(() => '1048576\n'),
      'pipe-max-size': maker.text(() => '1048576\n'),
      inotify: maker.folder({
        max_user_watches: maker.text(() => '65536\n'),
        max_user_instances: maker.text(() => '128\n'),
        max_queued_events: maker.text(() => '16384\n'),
      }),
    }),
    net: maker.folder({
      core: maker.folder({ somaxconn: maker.text(() => '4096\n') }),
      ipv4: maker.folder({ ip_local_port_range: maker.text(() => '32768\t60999\n') }),
    }),
  });
}

/** Everything of /proc that is not about one process. */
export function systemFiles(maker: NodeMaker): Record<string, Inode> {
  return {
    cmdline: maker.text(() => 'ring3\n'),
    cpuinfo: maker.text(cpuinfo),
    filesystems: maker.text(() => FILE_SYSTEMS),
    loadavg: maker.text(load),
    meminfo: maker.text(meminfo),
    stat: maker.text(stat),
    swaps: maker.text(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    uptime: maker.text(uptime),
    version: maker.text(() => `Linux version ${RELEASE} (ring3) ${VERSION}\n`),
    sys: settings(maker),
    mounts: maker.link(() => ({ text: 'self/mounts' })),
  };
}
