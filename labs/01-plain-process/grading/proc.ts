/** A made-up /proc: processes with values drawn afresh, in the formats of the kernel. */
import { Refusal, type Random } from 'ring3/grade';

export const NAMESPACE_FILES = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pid_for_children',
  'time',
  'time_for_children',
  'user',
  'uts',
] as const;

export interface Process {
  pid: number;
  name: string;
  parent: number;
  started: number;
  uids: { real: number; effective: number; saved: number };
  capabilities: number[];
  command: string[];
  environment: string[] | 'EACCES';
  descriptors: Record<number, string> | 'EACCES';
  /** Descriptors that are listed, and closed before one can look. */
  closing: number[];
  namespaces: Record<string, string>;
}

export function drawProcess(random: Random, pid: number): Process {
  const namespace = (type: string) => [
    type,
    `${type.replace(/_.*/, '')}:[${random.int(4026531834, 4026539999)}]`,
  ];
  const uid = random.int(1000, 60000);
  return {
    pid,
    name: random.word(7),
    parent: random.int(2, 30000),
    started: random.int(100_000, 9_000_000),
    uids: { real: uid, effective: uid, saved: uid },
    capabilities: [],
    command: [`/usr/bin/${random.word(6)}`, random.word(4)],
    environment: [`HOME=/home/${random.word(5)}`],
    descriptors: { 0: '/dev/null', 1: `pipe:[${random.int(1000, 99999)}]` },
    closing: [],
    namespaces: Object.fromEntries(NAMESPACE_FILES.map(namespace)),
  };
}

/** proc_pid_stat(5): 52 fields; the name is given as it is. */
function stat(random: Random, { pid, name, parent, started }: Process): string {
  const fields = Array.from({ length: 50 }, () => random.int(0, 99999));
  [fields[1], fields[19]] = [parent, started];
  return `${pid} (${name}) S ${fields.slice(1).join(' ')}\n`;
}

/** proc_pid_status(5): here the kernel writes a newline in the name as \n and a backslash as \\. */
function status({ pid, name, parent, uids, capabilities }: Process): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const set = capabilities.reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
  const hex = (value: bigint) => value.toString(16).padStart(16, '0');
  const ids = `${uids.real}\t${uids.effective}\t${uids.saved}\t${uids.effective}`;
  return [
    `Name:\t${escaped}`,
    'Umask:\t0022',
    'State:\tS (sleeping)',
    `Tgid:\t${pid}`,
    `Pid:\t${pid}`,
    `PPid:\t${parent}`,
    'TracerPid:\t0',
    `Uid:\t${ids}`,
    `Gid:\t${ids}`,
    'Groups:\t ',
    `CapInh:\t${hex(0n)}`,
    `CapPrm:\t${hex(set | 0x400n)}`,
    `CapEff:\t${hex(set)}`,
    `CapBnd:\t${hex(0x1ff_ffff_ffffn)}`,
    `CapAmb:\t${hex(0n)}`,
    'NoNewPrivs:\t0',
    'Seccomp:\t0',
    '',
  ].join('\n');
}

const strings = (texts: string[]) => texts.map((text) => `${text}\0`).join('');

/** What happens to the table of processes when a path is asked for, before the answer. */
export type OnAccess = (path: string, table: Map<number, Process>) => void;

export interface MadeUp {
  read(path: string): string;
  link(path: string): string;
  list(path: string): string[];
}

export function madeUp(random: Random, processes: Process[], onAccess: OnAccess = () => {}): MadeUp {
  const table = new Map(processes.map((process) => [process.pid, process]));
  const others = ['cpuinfo', 'self', 'sys', 'thread-self', 'tty', 'uptime'];

  const find = (path: string): [Process, string] => {
    onAccess(path, table);
    const [, pid, file] = /^\/proc\/(\d+)\/(.+?)\/?$/.exec(path) ?? [];
    const process = table.get(Number(pid));
    if (!process || !file) throw new Refusal('ENOENT', `ENOENT: no such file or directory, '${path}'`);
    return [process, file];
  };
  const refuse = (code: string, path: string): never => {
    throw new Refusal(code, `${code}: '${path}'`);
  };
  const texts: Record<string, (process: Process, path: string) => string> = {
    stat: (process) => stat(random, process),
    status,
    comm: ({ name }) => `${name}\n`,
    cmdline: ({ command }) => strings(command),
    environ: ({ environment }, path) =>
      environment === 'EACCES' ? refuse('EACCES', path) : strings(environment),
  };
  return {
    read(path) {
      const [process, file] = find(path);
      return (texts[file] ?? (() => refuse('ENOENT', path)))(process, path);
    },
    link(path) {
      const [process, file] = find(path);
      const [folder, name = ''] = file.split('/');
      const closed = folder === 'fd' && process.closing.includes(Number(name));
      if (process.descriptors === 'EACCES' && folder === 'fd') return refuse('EACCES', path);
      const from: Record<string, string> =
        folder === 'fd' ? (process.descriptors as Record<string, string>) : process.namespaces;
      return (closed ? undefined : from[name]) ?? refuse('ENOENT', path);
    },
    list(path) {
      if (/^\/proc\/?$/.test(path)) return random.shuffle([...[...table.keys()].map(String), ...others]);
      const [process, file] = find(path);
      if (file === 'ns') return random.shuffle(Object.keys(process.namespaces));
      if (file !== 'fd') return refuse('ENOENT', path);
      if (process.descriptors === 'EACCES') return refuse('EACCES', path);
      return random.shuffle([...Object.keys(process.descriptors), ...process.closing.map(String)]);
    },
  };
}
