/** Programs of an ordinary Debian machine print the same under ring3 as on the host, and end the same way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlatformName } from '../../src/platform/platform.ts';
import { command, type Case } from './case.ts';
import { cases } from './cases/index.ts';
import { fill } from './folder.ts';
import { onHost, PATIENCE, underRing3, type Outcome } from './sides.ts';

const PLATFORMS: readonly PlatformName[] = ['rewrite', 'trap', 'notify', 'ptrace'];
const OWN_FAILURE = 125;

/** Every guest starts in the same folder: none of them can change it. */
let shared: string;
const madeFolders: string[] = [];
const missing = new Set<string>();

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-programs-'));
  madeFolders.push(folder);
  fill(folder);
  return folder;
}

const hostOutcomes = new Map<Case, Promise<Outcome>>();

/** Once for all platforms. */
function expected(row: Case): Promise<Outcome> {
  let outcome = hostOutcomes.get(row);
  if (!outcome) hostOutcomes.set(row, (outcome = onHost(row, freshFolder())));
  return outcome;
}

/** Why nothing runs on a platform here. */
async function obstacle(platform: PlatformName): Promise<string | undefined> {
  const { status, stderr } = await underRing3(platform, command(['true']), shared);
  return status === OWN_FAILURE ? `needs the platform ${platform}: ${stderr.trim()}` : undefined;
}

async function findMissing(): Promise<void> {
  for (const name of new Set(cases.flatMap(({ needs }) => needs))) {
    const { status } = await onHost(command(['sh', '-c', `command -v ${name}`]), shared);
    if (status !== 0) missing.add(name);
  }
}

function compared({ status, stdout, stderr }: Outcome, row: Case): Partial<Outcome> {
  return row.looseErrors ? { status, stdout } : { status, stdout, stderr };
}

beforeAll(async () => {
  shared = freshFolder();
  await findMissing();
});
afterAll(() => madeFolders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe.each(PLATFORMS)('under %s', (platform) => {
  let problem: string | undefined;
  beforeAll(async () => {
    problem = await obstacle(platform);
  }, PATIENCE);

  const rows = cases.filter(({ everywhere }) => everywhere || platform === 'rewrite');
  it.concurrent.for(rows.map((row) => [row.name, row] as const))(
    '%s',
    { timeout: 2 * PATIENCE },
    async ([, row], context) => {
      if (problem) context.skip(problem);
      const lacking = row.needs.filter((name) => missing.has(name));
      if (lacking.length > 0) context.skip(`needs ${lacking.join(', ')}: not installed`);
      const [host, guest] = [await expected(row), await underRing3(platform, row, shared)];
      expect(compared(guest, row)).toEqual(compared(host, row));
    },
  );
});

it('leaves the folder that the guests started in as it was', async () => {
  const look = command(['find', '.', '-printf', String.raw`%p %m %s %T@ %l\n`]);
  const [now, before] = [await onHost(look, shared), await onHost(look, freshFolder())];
  const sorted = ({ stdout }: Outcome): string[] => stdout.split('\n').sort();
  expect(sorted(now)).toEqual(sorted(before));
});

it('is a table of so many rows', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(cases.filter(({ everywhere }) => everywhere).length).toBeGreaterThanOrEqual(25);
});
