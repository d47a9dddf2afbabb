/** lab.json: what a lab is called, what its tasks are worth, and under which limits a submission runs. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from './error.ts';

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words with dashes');

const task = z.strictObject({
  id,
  title: z.string().min(1),
  points: z.int().min(0),
  /** Tasks that cannot be right while this one is wrong. */
  restsOn: z.array(id).default([]),
  /** Worth points, but the lab is complete without it. */
  optional: z.boolean().default(false),
});

const limits = z.strictObject({
  /** For one call into the submission, in milliseconds. */
  timeoutMs: z.int().min(100).max(600_000).default(10_000),
  memoryMiB: z.int().min(64).max(8192).default(256),
  /** What the submission may print. */
  outputKiB: z.int().min(1).max(65_536).default(256),
  /** Threads count as well, and Node itself has about eleven. */
  processes: z.int().min(16).max(4096).default(64),
});

const guess = z.object({
  question: z.string().min(1),
  unit: z.string().min(1),
  /** The measurement's row that answers the question; by default the last one. */
  row: z.string().optional(),
  field: z.enum(['median', 'ratio']).default('ratio'),
});

export const manifestSchema = z
  .strictObject({
    $schema: z.string().optional(),
    number: z.int().min(1).max(99),
    name: id,
    title: z.string().min(1),
    part: z.string().min(1),
    hours: z.number().positive(),
    /** Doctor's probes without which the lab cannot be graded. */
    prerequisites: z.array(z.string().min(1)).default([]),
    tasks: z.array(task).min(1),
    /** Files beside README.md and exercise.ts that a student's workspace gets. */
    handout: z.array(z.string().regex(/^[\w-]+(\.[\w-]+)*$/)).default([]),
    limits: limits.default(() => limits.parse({})),
    guess: guess.optional(),
  })
  .superRefine((lab, context) => {
    const known = new Set(lab.tasks.map((one) => one.id));
    if (known.size < lab.tasks.length) context.addIssue({ code: 'custom', message: 'two tasks share an id' });
    for (const one of lab.tasks) {
      for (const other of one.restsOn) {
        if (!known.has(other) || other === one.id) {
          context.addIssue({
            code: 'custom',
            message: `task ${one.id} rests on ${other}, which is no other task`,
          });
        }
      }
    }
  });

export type Manifest = z.output<typeof manifestSchema>;
export type Task = Manifest['tasks'][number];
export type Limits = Manifest['limits'];

/** @throws UserError when the folder has no lab.json, or a wrong one. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, 'lab.json');
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = manifestSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(`${file}: ${issue?.path.join('.') || 'lab'}: ${issue?.message}`);
  }
  const expected = folderName(parsed.data);
  if (basename(folder) !== expected) {
    throw new UserError(`${file}: number and name say that the folder is called ${expected}`);
  }
  return parsed.data;
}

export function folderName(lab: Pick<Manifest, 'number' | 'name'>): string {
  return `${String(lab.number).padStart(2, '0')}-${lab.name}`;
}

/** `named`, and all that rests on one of them, at any distance: what a mutant that loses `named` may lose. */
export function restingOn(tasks: readonly Task[], named: readonly string[]): Set<string> {
  const reached = new Set(named);
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const one of tasks) if (one.restsOn.some((other) => reached.has(other))) reached.add(one.id);
  }
  return reached;
}
