/** Carrying a list out on this host. Paths are checked first: a list may touch its own bases and nothing else. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { wrong } from 'ring3/grade';
import type { CgroupOp, Host } from '../exercise.ts';
import { say } from '../model/hosts.ts';
import { endProcess, pidsIn } from './host.ts';

const PATIENCE_MS = 1000;

function within(host: Host, path: string): boolean {
  const bases = host.version === 1 ? Object.values(host.bases) : [host.base];
  return bases.some((base) => path.startsWith(`${base}/`)) && posix.normalize(path) === path;
}

/** Moving processes is what `join` is for; here a write could only move those of the host. */
function checkPath(host: Host, op: CgroupOp): void {
  if (op.op === 'start') return;
  const moves = op.op === 'write' && /\/(cgroup\.procs|cgroup\.threads|tasks)$/.test(op.path);
  if (within(host, op.path) && !moves) return;
  wrong({
    expected: 'only groups below the bases to be touched',
    seen: say(op),
    read: 'README.md#the-exercise',
  });
}

async function wait(path: string, line: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const text = readFileSync(path, 'utf8').trim();
    if (line === '' ? text === '' : text.split('\n').includes(line)) return;
    await delay(1);
  }
  throw Object.assign(new Error(`never said "${line}"`), { code: 'ETIMEDOUT' });
}

/**
 * A busy machine takes its time between the reading of the list and the signals: enough for everybody to be gone who is
 * not held. A pid that is not in the group any more may be anybody's, and gets none.
 */
async function signal(path: string): Promise<void> {
  const group = posix.dirname(path);
  const listed = pidsIn(group);
  const there = () => {
    const now = new Set(pidsIn(group));
    return listed.filter((pid) => now.has(pid));
  };
  for (let tries = 0; tries < 10 && there().length > 0; tries++) await delay(4);
  for (const pid of there()) endProcess(pid);
}

async function carry(op: CgroupOp, join: (group: string) => void): Promise<void> {
  if (op.op === 'create') mkdirSync(op.path);
  else if (op.op === 'write') writeFileSync(op.path, op.value, { flag: 'r+' });
  else if (op.op === 'join') join(op.path);
  else if (op.op === 'wait') await wait(op.path, op.line);
  else if (op.op === 'signal') await signal(op.path);
  else if (op.op === 'remove') rmdirSync(op.path);
}

/** @param join what `join` does at this point of the story */
export async function carryOutHere(
  host: Host,
  ops: readonly CgroupOp[],
  join: (group: string) => void = () => {},
): Promise<void> {
  for (const op of ops) {
    checkPath(host, op);
    try {
      await carry(op, join);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      wrong({
        expected: `this host's kernel to carry out: ${say(op)}`,
        seen: code === 'ETIMEDOUT' ? message : code,
        read: 'README.md#on-your-own-kernel',
      });
    }
  }
}
