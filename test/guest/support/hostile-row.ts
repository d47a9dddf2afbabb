/** A row of the table that is an attack on the host from inside the kernel's process: `getppid` tries what JavaScript can. */
import { execFileSync, fork, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  appendFileSync,
  mkdirSync,
  openSync,
  promises,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Handler } from '../../../src/kernel/syscalls/handler.ts';
import { addon } from '../../../src/linux/addon.ts';

const PATH = '/var/tmp/ring3-should-not-be';

const ATTEMPTS: Record<string, () => unknown> = {
  exec: () => execFileSync('/bin/true'),
  spawn: () => {
    const { error, status } = spawnSync('/bin/true');
    if (error) throw error;
    return status;
  },
  fork: async () => {
    const [error] = (await once(fork('/dev/null'), 'error')) as [Error];
    throw error;
  },
  worker: async () => {
    // Threads are not processes: it may start, and finds itself behind the same filter.
    const worker = new Worker("require('node:child_process').execFileSync('/bin/true')", { eval: true });
    const [error] = (await once(worker, 'error')) as [Error];
    throw error;
  },
  connect: async () => {
    const [error] = (await once(connect(80, '127.0.0.1'), 'error')) as [Error];
    throw error;
  },
  'connect to a path': async () => {
    const [error] = (await once(connect('/run/docker.sock'), 'error')) as [Error];
    throw error;
  },
  listen: async () => {
    const [error] = (await once(createServer().listen(0), 'error')) as [Error];
    throw error;
  },
  datagram: async () => {
    const socket = createSocket('udp4').bind(0);
    const [error] = (await once(socket, 'error')) as [Error];
    throw error;
  },
  write: () => writeFileSync(PATH, ''),
  'write later': () => promises.writeFile(PATH, ''),
  append: () => appendFileSync('/etc/hostname', ''),
  open: () => openSync('/etc/hostname', 'r+'),
  mkdir: () => mkdirSync(PATH),
  symlink: () => symlinkSync('/', PATH),
  rename: () => renameSync('/etc/hostname', PATH),
  unlink: () => unlinkSync('/etc/hostname'),
  kill: () => process.kill(process.ppid, 0),
  memfd: () => addon().memoryFile(Buffer.alloc(1)),
  socketpair: () => addon().socketPair(),
};

async function codeOf(attempt: () => unknown): Promise<string> {
  try {
    // What neither fails nor succeeds has been dropped on the way.
    return `succeeded: ${String(await Promise.race([attempt(), wait(5000, 'hangs', { ref: false })]))}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code ?? error);
  }
}

/** @param library native code that tries more, as it is loaded */
export function hostileRow(library: string): Handler {
  return async () => {
    const results: Record<string, string> = {};
    for (const [name, attempt] of Object.entries(ATTEMPTS)) results[name] = await codeOf(attempt);
    try {
      process.dlopen({ exports: {} }, library);
    } catch {
      // It is no addon; it has done its work.
    }
    process.stdout.write(`${JSON.stringify(results)}\n`);
    return 1;
  };
}

export function writingRow(paths: readonly string[]): Handler {
  return () => {
    for (const path of paths) {
      let result = 'written';
      try {
        writeFileSync(path, 'new');
      } catch (error) {
        result = String((error as NodeJS.ErrnoException).code);
      }
      process.stdout.write(`${result}\n`);
    }
    return 1;
  };
}
