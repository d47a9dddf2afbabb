/** A guest that owns its address space, stub and all: what it reaches of the host, and what becomes of the sandbox. */
import { describe, expect, test } from 'vitest';
import { program } from '../support/programs.ts';
import type { Counted } from './support/call-counter.ts';
import { inside } from './support/run.ts';

/** Calls that no filter of the host's ever sees (kernel/seccomp.c, seccomp_uprobe_exception); elsewhere than in a probe they do nothing. */
const NEVER_FILTERED = ['uprobe', 'uretprobe'];
const ATTACKS = 18;

test.each(['trap', 'rewrite', 'notify'] as const)(
  'from the instructions of the stub a guest reaches three calls (%s)',
  { timeout: 120_000 },
  async (platform) => {
    const run = await inside({ argv: [program('hostile'), 'calls'], platform, kernel: 'counting' });
    const { tries, trapped, passed } = JSON.parse(run.stdout.trim().split('\n').pop()!) as Counted;
    const names = Object.keys(passed).filter((name) => !NEVER_FILTERED.includes(name));
    expect(names.sort()).toEqual(['arch_prctl', 'futex', 'rt_sigreturn']);
    expect(tries).toBeGreaterThan(600 * 15);
    expect(trapped).toBeGreaterThan(tries * 0.98);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  },
);

test('a traced guest reaches none', { timeout: 120_000 }, async () => {
  const run = await inside({
    argv: [program('hostile'), 'calls'],
    platform: 'ptrace',
    kernel: 'counting',
  });
  const { tries, trapped } = JSON.parse(run.stdout.trim().split('\n').pop()!) as Counted;
  expect(trapped).toBe(tries);
});

describe.each(['trap', 'rewrite', 'notify', 'ptrace'] as const)('under %s', (platform) => {
  test('an attack on the stub ends the attacker, and nobody else', { timeout: 120_000 }, async () => {
    const run = await inside({ argv: [program('hostile'), 'attacks'], platform });
    expect(run.stderr).not.toContain('failed inside the kernel');
    const lines = run.stdout.trim().split('\n');
    expect(lines.pop()).toBe('all done');
    expect(lines).toHaveLength(ATTACKS);
    expect(lines.at(-1)).toBe('mappings ended 0');
    expect(run.status).toBe(0);
  });
});

test.each(['trap', 'rewrite'] as const)(
  'and the sandbox says why, when it is the first process (%s)',
  { timeout: 60_000 },
  async (platform) => {
    const run = await inside({ argv: [program('hostile'), 'attack', 'mute'], platform });
    expect(run.stderr).toMatch(/^ring3: the host process of task 1 \(hostile\) is gone/);
    expect(run.status).toBe(128 + 9);
  },
);
