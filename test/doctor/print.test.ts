/** What people read: signs with words, each fix once, which labs can be worked; and the exit status. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probes, printReport, shortReport, type ProbeResult, type Report } from '../../src/doctor/index.ts';
import { readiness, labRanges } from '../../src/doctor/labs.ts';
import { factsOf } from '../../src/doctor/host.ts';
import { packageRoot } from '../../src/linux/addon.ts';
import { syscallNumber } from '../../src/linux/syscalls.ts';
import { hostArchitecture } from '../../src/linux/architectures.ts';
import { doctorAfter } from './broken.ts';

const facts = factsOf({
  platform: 'linux',
  arch: 'x64',
  env: {},
  uid: 1000,
  user: 'ann',
  folder: '/ring3',
  executables: '/ring3/build/Release',
  read: () => undefined,
  exists: () => false,
});

function report(bad: Record<string, Partial<ProbeResult>>): Report {
  const results = [...probes.values()].map(({ id, title, group, neededBy, why }): ProbeResult => {
    const ok = {
      id,
      title,
      group,
      ok: true as const,
      seen: 'as it should be',
      neededBy,
      why,
      milliseconds: 1,
    };
    return bad[id] ? { ...ok, ok: false, seen: 'refused', ...bad[id] } : ok;
  });
  return {
    host: 'Testian 1',
    facts,
    privileged: false,
    notes: [],
    probes: results,
    labs: readiness(results),
    platforms: [{ name: 'rewrite', ok: true }],
    timeLimit: 2000,
    milliseconds: 500,
  };
}

const noCgroups = {
  'cgroup.version': { fix: 'mount them' },
  'cgroup.memory': { because: 'cgroup.version' },
  'cgroup.pids': { because: 'cgroup.version' },
};

test('every sign has its word, and nothing is coloured unless asked', () => {
  const text = printReport(report({ kvm: {}, cores: { ok: 'degraded' } }), false).join('\n');
  expect(text).toMatch(/✓ yes +node/);
  expect(text).toMatch(/✗ no +kvm/);
  expect(text).toMatch(/~ less +cores/);
  expect(text).not.toContain('\u001b');
  expect(printReport(report({}), true).join('\n')).toContain('\u001b');
});

test('labs that can be worked, and what the others need', () => {
  const lines = printReport(report(noCgroups), false);
  expect(lines).toContain('Labs 01–05 can be worked.');
  expect(lines).toContain('Lab 06 cgroups needs cgroup.version.');
});

test('a fix stands once, under the probe that is to be mended', () => {
  const text = printReport(report(noCgroups), false).join('\n');
  expect(text.match(/mount them/g)).toHaveLength(1);
  expect(text).toContain('(rests on cgroup.version)');
});

test('a degraded probe keeps no lab from being worked', () => {
  expect(report({ 'namespace.user': { ok: 'degraded' } }).labs.every(({ ok }) => ok)).toBe(true);
});

test.each([
  ['nothing', {}],
  ['cgroups', noCgroups],
  ['everything', Object.fromEntries([...probes.keys()].map((id) => [id, {}]))],
])('the short form has five to eight lines when %s is missing', (_, bad) => {
  const lines = shortReport(report(bad), false);
  expect(lines.length).toBeGreaterThanOrEqual(5);
  expect(lines.length).toBeLessThanOrEqual(8);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('ranges of labs', () => {
  expect(labRanges([1, 2, 3, 5, 7, 8])).toBe('01–03, 05, 07–08');
});

const main = join(packageRoot, 'dist/cli/main.js');

test(
  'exit status 0 when a lab can be worked; no escape sequence in a pipe, whatever CI says',
  { timeout: 70_000 },
  () => {
    const env = { ...process.env, CI: '1' };
    const text = execFileSync(process.execPath, [main, 'doctor'], { env, encoding: 'utf8', timeout: 60_000 });
    expect(text).toMatch(/Labs? .* can be worked/);
    expect(text).not.toContain('\u001b');
  },
);

test('exit status 1 when no lab can be worked', async () => {
  const call = String(syscallNumber(hostArchitecture(), 'memfd_create'));
  const before = process.geteuid?.() === 0 ? [] : ['no-new-privileges'];
  const { status, report: broken } = await doctorAfter([...before, 'refuse', call, '1']);
  expect(status).toBe(1);
  expect(broken.labs.map(({ missing }) => missing.includes('memfd'))).not.toContain(false);
});
