/**
 * A small world to leave traces in: mounts, interfaces and temporary folders that nobody else uses at the same time,
 * so that what is there afterwards was left by us.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

const TEMPORARY = ['/tmp', '/run', '/dev/shm'];

export interface World {
  /** What starts a command in this world. */
  enter: string[];
  /** The mounts, interfaces and temporary files that are there now, one a line. */
  traces(): string[];
  close(): void;
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

/** The names of interfaces; their counters change all the time (proc_pid_net(5)). */
const interfaces = (text: string): string[] =>
  lines(text)
    .slice(2)
    .map((line) => `interface ${line.split(':')[0]!.trim()}`);

function tracesOf(pid: number | 'self'): string[] {
  const root = pid === 'self' ? '' : `/proc/${pid}/root`;
  return [
    ...lines(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).map((line) => `mount ${line}`),
    ...interfaces(readFileSync(`/proc/${pid}/net/dev`, 'utf8')),
    // Outside of a world of our own, other people's temporary files come and go.
    ...(pid === 'self'
      ? []
      : TEMPORARY.flatMap((folder) => readdirSync(root + folder).map((name) => join(folder, name)))),
  ];
}

/** Its namespaces differ from ours once unshare(1) has done its work, and the last mount is there. */
function isReady(pid: number): boolean {
  try {
    const own = readlinkSync(`/proc/${pid}/ns/mnt`) !== readlinkSync('/proc/self/ns/mnt');
    return own && statSync(`/proc/${pid}/root/dev/shm/ready`, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Root's world has namespaces of its own; an ordinary user's is the host, as it is. */
export async function openWorld(): Promise<World> {
  if (process.getuid?.() !== 0) return { enter: [], traces: () => tracesOf('self'), close: () => {} };
  const mounts = TEMPORARY.map((folder) => `mount -t tmpfs -o mode=1777 none ${folder}`).join(' && ');
  const script = `${mounts} && touch /dev/shm/ready && exec sleep 600`;
  const keeper = spawn('unshare', ['-mn', '--propagation', 'private', 'sh', '-c', script], {
    stdio: 'inherit',
  });
  for (let tries = 0; !isReady(keeper.pid!); tries++) {
    if (tries > 100) throw new Error('unshare(1) made no mount and network namespaces within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    enter: ['nsenter', '-m', '-n', '-t', String(keeper.pid)],
    traces: () => tracesOf(keeper.pid!),
    close: () => void keeper.kill('SIGKILL'),
  };
}

/** Every cgroup of ring3, in any hierarchy, that was made by one of these processes. */
export function cgroupsOf(pids: ReadonlySet<number>): string[] {
  const find = ['/sys/fs/cgroup', '-type', 'd', '-name', 'ring3-*'];
  const found = execFileSync('sh', ['-c', 'find "$@" 2>/dev/null; true', 'sh', ...find], {
    encoding: 'utf8',
  });
  return lines(found).filter((path) => pids.has(Number(/\/ring3-\d+-(\d+)-[^/]*$/.exec(path)?.[1])));
}
