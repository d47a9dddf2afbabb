/** A lab's measurement: what its measure.ts measures, with the harness of lab 01. */
import { existsSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { z } from 'zod';
import { findLab, type Lab } from './catalog.ts';
import { UserError } from './error.ts';
import { PACKAGE_ROOT } from './paths.ts';
import type { MeasuredRow } from './progress.ts';

export interface Target {
  name: string;
  run(): Promise<void> | void;
}

/** `time` in nanoseconds; the first target is what ratios are taken to. */
export type Harness = (
  time: () => number,
  targets: Target[],
  rounds: number,
) => Promise<MeasuredRow[]> | MeasuredRow[];

const rowsSchema = z
  .array(
    z.object({
      target: z.string(),
      median: z.number(),
      spread: z.number(),
      ratio: z.number(),
      unit: z.string().default('ns'),
    }),
  )
  .min(1);

const ring3: Plugin = {
  name: 'ring3',
  setup({ onResolve }) {
    const index = pathToFileURL(join(PACKAGE_ROOT, 'dist', 'index.js')).href;
    onResolve({ filter: /^ring3$/ }, () => ({ path: index, external: true }));
  },
};

/** Loads a TypeScript module into this process: for the course's own files, and a student's on his own machine. */
async function load(file: string): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-measure-'));
  try {
    const outfile = join(folder, 'module.mjs');
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      plugins: [ring3],
    });
    writeFileSync(outfile, outputFiles[0]?.text ?? '');
    return (await import(pathToFileURL(outfile).href)) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The `measure` of a lab 01 exercise, or of the reference. @throws UserError when the file has none. */
export async function loadHarness(file: string): Promise<Harness> {
  const { measure } = await load(file);
  if (typeof measure !== 'function') throw new UserError(`${file} exports no function measure`);
  return measure as Harness;
}

export function referenceHarness(): string {
  return join(findLab('1').folder, 'solution.ts');
}

export function hasMeasurement(lab: Lab): boolean {
  return existsSync(join(lab.folder, 'measure.ts'));
}

/** @throws UserError when the lab has no measurement, or it gives no rows. */
export async function measureLab(lab: Lab, harness: Harness): Promise<MeasuredRow[]> {
  if (!hasMeasurement(lab)) throw new UserError(`lab ${lab.manifest.number} has no measurement`, 1);
  const { measure } = (await load(join(lab.folder, 'measure.ts'))) as { measure(harness: Harness): unknown };
  const rows = rowsSchema.safeParse(await measure(harness));
  if (!rows.success) throw new UserError('the measurement gave no rows: is your lab 01 harness right?', 1);
  return rows.data;
}
