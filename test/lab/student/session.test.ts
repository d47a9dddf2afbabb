import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Refusal, sync } from '../../../src/lab/student/functions.ts';
import { launchPlain } from '../../../src/lab/student/plain.ts';
import { hostProgram } from '../../../src/lab/student/program.ts';
import { faultOf, processesWith, submission } from '../submission.ts';

describe('a call', () => {
  test('carries values there and back', async () => {
    const student = submission('export const echo = async (...args: unknown[]) => args;');
    const values = [1n, new Uint8Array([1, 2]), { a: [undefined, NaN] }, 'x'];
    expect(await student.call('echo', values)).toEqual(values);
  });

  test('with a type gives that type, or is wrong', async () => {
    const student = submission('export const give = (value: unknown) => value;');
    const returns = z.array(z.number());
    expect(await student.call('give', [[1, 2]], { returns })).toEqual([1, 2]);
    expect(await faultOf(student.call('give', ['x'], { returns }))).toContain('expected array');
  });

  test('finds its own values unchanged: calls do not mix', async () => {
    const text = 'export const late = (ms: number) => new Promise((done) => setTimeout(() => done(ms), ms));';
    const student = submission(text);
    expect(await Promise.all([60, 5, 30].map((ms) => student.call('late', [ms])))).toEqual([60, 5, 30]);
  });

  test('into a file that imports another, and JSON', async () => {
    const student = submission(
      "import { join } from 'node:path';\nimport os from 'os';\nexport const f = () => [join('a', 'b'), typeof os.EOL];",
    );
    expect(await student.call('f', [])).toEqual(['a/b', 'string']);
    expect(await faultOf(submission("import 'left-pad'; export {}").call('f', []))).toContain('not left-pad');
  });
});

describe('an attempt', () => {
  test('takes what is thrown for an answer, but not what was never written', async () => {
    const student = submission(`
      export function refuse() { throw new RangeError('too much'); }
      export function unwritten() { throw new Error('not written yet'); }
      export function fine() { return 1; }
      export function hang() { for (;;); }`);
    expect(await student.attempt('refuse', [])).toEqual({
      ok: false,
      name: 'RangeError',
      message: 'too much',
    });
    expect(await student.attempt('fine', [])).toEqual({ ok: true, value: 1 });
    expect(await faultOf(student.attempt('unwritten', []))).toContain('not written yet');
    expect(await faultOf(student.attempt('missing', []))).toContain('to export a function missing');
    expect(await faultOf(student.attempt('hang', [], { timeoutMs: 300 }))).toContain('had not come back');
  });
});

describe('functions of the grader’s', () => {
  test('blocking and asynchronous ones, in the order of their calls', async () => {
    const student =
      submission(`export async function f(now: () => number, io: { read(path: string): Promise<string> }) {
      const seen: unknown[] = [now(), now()];
      const pending = io.read('a');
      seen.push(now());
      seen.push(await pending, now());
      return seen;
    }`);
    const log: string[] = [];
    let time = 0;
    const now = sync(() => (log.push('now'), ++time));
    const read = async (path: string) => {
      log.push(`read ${path}`);
      await new Promise((done) => setTimeout(done, 20));
      return `${path}!`;
    };
    expect(await student.call('f', [now, { read }])).toEqual([1, 2, 3, 'a!', 4]);
    expect(log).toEqual(['now', 'now', 'read a', 'now', 'now']);
  });

  test('a refusal reaches the submission with its code', async () => {
    const student = submission(`export async function f(read: () => Promise<void>, now: () => void) {
      const codes = [];
      try { await read(); } catch (error) { codes.push(error.code, error.message); }
      try { now(); } catch (error) { codes.push(error.code); }
      return codes;
    }`);
    const refuse = (code: string) => () => {
      throw new Refusal(code, 'no such file');
    };
    const read = async () => refuse('ENOENT')();
    expect(await student.call('f', [read, sync(refuse('EIO'))])).toEqual(['ENOENT', 'no such file', 'EIO']);
  });

  test('an error of the grader’s own is not the submission’s', async () => {
    const student = submission('export async function f(read) { try { await read(); } catch {} return 1; }');
    const read = async () => {
      throw new TypeError('a slip');
    };
    await expect(student.call('f', [read])).rejects.toThrow(TypeError);
  });
});

test('what it prints is kept in part, and handed out once', async () => {
  const student = submission(
    'export const f = () => { console.log("one"); console.error("two"); return 1; };',
  );
  await student.call('f', []);
  await expect.poll(() => student.takePrinted()).toMatch(/one|two/);
});

test('without a wall: a process group, its descendants, and a warning', async () => {
  const mark = `${Math.floor(Math.random() * 1e9) + 1e9}`;
  const launch = {
    program: await hostProgram(),
    submission: `import { spawn } from 'node:child_process'; spawn('setsid', ['sleep', '${mark}'], { stdio: 'ignore' });`,
    limits: { timeoutMs: 1000, memoryMiB: 64, outputKiB: 64, processes: 64 },
  };
  const student = await launchPlain(launch, 'EPERM');
  expect(student.warnings.join()).toContain('plain process: EPERM');
  await expect.poll(() => processesWith(mark).length, { timeout: 5000 }).toBeGreaterThan(0);
  await student.kill();
  await expect.poll(() => processesWith(mark)).toEqual([]);
});
