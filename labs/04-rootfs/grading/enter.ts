/** Carrying a submission's steps out in a child, with a hostile program at their end, and looking at it from outside. */
import { readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { spawn, stepSchema, StepError, type Capability, type Child, type Step, type StepInput } from 'ring3';
import { wrong, type Examination } from 'ring3/grade';
import { z } from 'zod';
import type { RootfsSpec } from '../exercise.ts';
import { checkHarmless } from './harmless.ts';
import type { Image } from './image.ts';
import { readMounts, type Mount } from './mounts.ts';

const ALLOWED: readonly string[] = [
  'propagation',
  'resolveIn',
  'mount',
  'bind',
  'attributes',
  'unmount',
  'directory',
  'file',
  'symlink',
  'mask',
  'pivotRoot',
  'chroot',
  'workdir',
];

/** What lab 03 left: the capabilities that container engines leave to root (Docker's default set). */
const KEPT: Capability[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
  'CAP_AUDIT_WRITE',
];

export interface Inside {
  /** The hostile program's attempts and what came of them. */
  answers: Map<string, string>;
  mounts: Mount[];
  /** /proc/PID/root and /proc/PID/cwd, as we see them. */
  root: string;
  cwd: string;
  pid: number;
}

const stepsSchema = z.array(stepSchema).max(500);

async function askSteps(exam: Examination, spec: RootfsSpec): Promise<Step[]> {
  const steps = await exam.student.call('rootfs', [spec], { returns: stepsSchema });
  steps.forEach((step, index) => {
    if (!ALLOWED.includes(step.step)) {
      wrong({
        expected: `steps of these kinds: ${ALLOWED.join(', ')}`,
        seen: `step ${index} is ${step.step}, which is another lab's`,
        read: 'README.md#the-exercise',
      });
    }
  });
  checkHarmless(steps, spec);
  return steps;
}

/** As systemd leaves a host: every mount is shared. `before`: what else is there, mounted on this host. */
function worldBefore({ owner }: Image, before: StepInput[]): StepInput[] {
  return [
    { step: 'namespaces', types: ['user', 'mnt', 'pid', 'ipc', 'uts'] },
    {
      step: 'idMap',
      uid: [{ inside: 0, outside: owner.uid, count: 1 }],
      gid: [{ inside: 0, outside: owner.gid, count: 1 }],
      setgroups: 'deny',
    },
    { step: 'gid', gid: 0 },
    { step: 'uid', uid: 0 },
    { step: 'propagation', target: '/', type: 'shared', recursive: true },
    ...before,
  ];
}

function worldAfter(attempts: string[]): StepInput[] {
  return [
    { step: 'boundingSet', keep: KEPT },
    { step: 'capabilities', effective: KEPT, permitted: KEPT, inheritable: [] },
    { step: 'noNewPrivs' },
    { step: 'closeDescriptors' },
    { step: 'exec', file: '/bin/breakout', argv: ['breakout', ...attempts], env: [] },
  ];
}

function explainFailure(error: StepError, steps: readonly Step[], first: number): never {
  const step = steps[error.index - first];
  if (!step && error.step !== 'exec') throw error;
  wrong({
    expected: step
      ? `step ${error.index - first} to be carried out: ${JSON.stringify(step)}`
      : 'the program /bin/breakout of the image to start',
    seen: `${error.code}${error.path ? ` at ${error.path}` : ''}. ${error.hint}`,
    read: 'README.md#when-a-step-fails',
  });
}

/** Steps of the grader's own before the submission's, and what the program inside is to try. */
export interface Entry {
  before?: StepInput[];
  attempts: string[];
  /** While the child still stands there. */
  look?: (pid: number, mounts: Mount[]) => void;
}

export async function enter(
  exam: Examination,
  image: Image,
  spec: RootfsSpec,
  entry: Entry,
): Promise<Inside> {
  const steps = await askSteps(exam, spec);
  const before = worldBefore(image, entry.before ?? []);
  let child: Child;
  try {
    const plan = [...before, ...steps, ...worldAfter(entry.attempts)];
    child = await spawn(plan, { stdio: ['pipe', 'pipe', 'null'] });
  } catch (error) {
    if (error instanceof StepError) explainFailure(error, steps, before.length);
    throw error;
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  try {
    const answers = await hear(child, entry.attempts);
    const { pid } = child;
    const mounts = readMounts(pid);
    entry.look?.(pid, mounts);
    const [root, cwd] = [readlinkSync(`/proc/${pid}/root`), readlinkSync(`/proc/${pid}/cwd`)];
    return { answers, mounts, root, cwd, pid };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await child.exited;
  }
}

async function hear(child: Child, attempts: string[]): Promise<Map<string, string>> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line === 'done') return new Map(attempts.map((attempt, index) => [attempt, lines[index] ?? '']));
    lines.push(line);
  }
  return wrong({
    expected: 'a world in which the program inside comes to the end of its attempts',
    seen: `it was stopped after ${lines.length} of ${attempts.length}, at ${attempts[lines.length] ?? 'its end'}`,
    read: 'README.md#when-a-step-fails',
  });
}
