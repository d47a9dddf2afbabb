/** What a student has done so far: `.ring3/progress.json` in the workspace. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { LabScore } from './score.ts';

const row = z.object({
  target: z.string(),
  median: z.number(),
  spread: z.number(),
  ratio: z.number(),
  unit: z.string(),
});

const labProgress = z.object({
  /** Points of the last check, and the most that a check has come to. */
  score: z.number().default(0),
  best: z.number().default(0),
  passed: z.array(z.string()).default([]),
  complete: z.boolean().default(false),
  checkedAt: z.string().optional(),
  /** How many hints of each task have been shown. */
  hints: z.record(z.string(), z.int().min(0)).default({}),
  guess: z.number().optional(),
  measured: z.object({ at: z.string(), harness: z.string(), rows: z.array(row) }).optional(),
});

const progressSchema = z.object({
  version: z.literal(1),
  labs: z.record(z.string(), labProgress).default({}),
});

export type MeasuredRow = z.infer<typeof row>;
export type LabProgress = z.infer<typeof labProgress>;

export class Progress {
  /** One line, when the file was damaged and has been put aside. */
  warning = '';
  private folder: string;
  private labs: Record<string, LabProgress>;

  constructor(workspace: string) {
    this.folder = join(workspace, '.ring3');
    this.labs = this.read();
  }

  lab(number: number): LabProgress {
    return this.labs[number] ?? labProgress.parse({});
  }

  /** Changes one lab's record and writes the file anew, in one step: a reader sees the old one or the new one. */
  update(number: number, change: Partial<LabProgress>): void {
    this.labs = { ...this.labs, [number]: { ...this.lab(number), ...change } };
    mkdirSync(this.folder, { recursive: true });
    const fresh = `${this.file}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify({ version: 1, labs: this.labs }, null, 2)}\n`);
    renameSync(fresh, this.file);
  }

  /** Keeps what a check of the whole lab came to. */
  record(score: LabScore, complete: boolean): void {
    const { best } = this.lab(score.number);
    this.update(score.number, {
      score: score.score,
      best: Math.max(best, score.score),
      passed: score.tasks.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id),
      complete,
      checkedAt: new Date().toISOString(),
    });
  }

  private get file(): string {
    return join(this.folder, 'progress.json');
  }

  private read(): Record<string, LabProgress> {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    try {
      return progressSchema.parse(JSON.parse(text)).labs;
    } catch {
      renameSync(this.file, `${this.file}.damaged`);
      this.warning = `${this.file} was damaged and is now progress.json.damaged; starting anew`;
      return {};
    }
  }
}
