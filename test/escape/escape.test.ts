/**
 * Attempts to get out of the default `ring3 run`, or to disturb what is outside.
 *
 * Each is first shown to work where less stands in its way: a test of confinement that never saw the attack succeed
 * proves nothing. Then the same program must fail inside.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { cannotRun, identities } from '../support/identity.ts';
import { confine, explain, show, verdict, type Row } from './row.ts';
import { files } from './rows/files.ts';
import { kernel } from './rows/kernel.ts';
import { privileges } from './rows/privileges.ts';
import { processes } from './rows/processes.ts';
import { openStage, type Stage } from './stage.ts';

const rows: Row[] = [...files, ...processes, ...kernel, ...privileges];
const title = ({ name, variant }: Row): string => (variant ? `${name} (${variant})` : name);

async function showsThatItWorks(row: Row, stage: Stage, context: TestContext): Promise<void> {
  if (row.needsRoot && stage.identity.uid !== 0) context.skip('needs root to be shown');
  const end = row.meanwhile?.(stage);
  const result = await show(row, stage);
  await end?.();
  const harm = row.harm?.(stage, result.output);
  if (row.absent?.test(result.output) && !harm)
    context.skip(`this host has no such thing: ${result.output.trim()}`);
  if (verdict(result) === 'missing') context.skip(result.output.trim());
  expect(
    harm ?? verdict(result),
    explain(row, result, 'did not work even where nothing should stop it'),
  ).not.toMatch(/^(contained|broken)$/);
}

async function isContained(row: Row, stage: Stage, context: TestContext): Promise<void> {
  if (row.needsRoot === 'both' && process.getuid?.() !== 0) context.skip('needs root to be prepared');
  const end = row.meanwhile?.(stage);
  try {
    for (let time = 0; time < (row.times ?? 1); time++) {
      const result = await confine(row, stage, time);
      const harm = row.harm?.(stage, result.output);
      expect(harm, explain(row, result, `harmed the host: ${harm}`)).toBeUndefined();
      const seen = verdict(result);
      if (seen === 'broken' && row.mayRefuse?.test(result.output)) continue;
      if (seen === 'missing') context.skip(result.output.trim());
      if (row.harm && seen === 'escaped') continue;
      expect(seen, explain(row, result, seen === 'escaped' ? 'got out' : 'was not carried out')).toBe(
        'contained',
      );
    }
  } finally {
    await end?.();
  }
}

for (const identity of identities()) {
  const obstacle = cannotRun(identity);
  describe(`as ${identity.name}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(identity);
    });
    afterAll(() => stage?.close());

    for (const row of rows) {
      // What is shown may leave traces that the second half would take for its own: so they take turns.
      if (row.shown !== undefined || row.variant === undefined) {
        test(`${title(row)} works when nothing stops it`, (context) => showsThatItWorks(row, stage, context));
      }
      const timeout = 30_000 * Math.ceil((row.times ?? 1) / 4);
      test(`${title(row)} is contained`, { timeout }, async (context) => {
        if (obstacle) context.skip(obstacle);
        await isContained(row, stage, context);
      });
    }
  });
}

test('every attempt is in the table, and in the README', () => {
  const folder = new URL('./', import.meta.url);
  const sources = readdirSync(new URL('attempts', folder)).filter((name) => name.endsWith('.c'));
  const names = new Set(rows.map(({ name }) => name));
  expect(sources.map((name) => name.replace('.c', '')).sort()).toEqual([...names].sort());
  const readme = readFileSync(new URL('README.md', folder), 'utf8');
  expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
