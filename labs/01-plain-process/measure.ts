/** What a process costs, from its start to its end, beside what is cheaper and what is dearer. */
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { Clock, Row, Target } from './exercise.ts';

type Harness = (time: Clock, targets: Target[], rounds: number) => Promise<Row[]>;

const ROUNDS = 25;

function command(file: string, ...args: string[]): () => Promise<void> {
  return () =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args, { stdio: 'ignore' });
      child.on('error', reject);
      child.on('exit', (status) =>
        status === 0 ? resolve() : reject(new Error(`${file} exited with status ${status}`)),
      );
    });
}

function thread(): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker('', { eval: true });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

export function measure(harness: Harness): Promise<Row[]> {
  const time: Clock = () => Number(process.hrtime.bigint());
  const targets: Target[] = [
    { name: '/bin/true', run: command('/bin/true') },
    { name: 'nothing at all', run: async () => {} },
    { name: 'a worker thread', run: thread },
    { name: 'sh -c true', run: command('/bin/sh', '-c', '/bin/true; true') },
    { name: 'node -e 0', run: command(process.execPath, '-e', '0') },
  ];
  return harness(time, targets, ROUNDS);
}
