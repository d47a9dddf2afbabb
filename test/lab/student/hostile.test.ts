/** Submissions that do not want to be graded: no points, one clear line, nothing left behind. */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { discoverCgroups, whyNot } from '../../../src/confine/cgroups/index.ts';
import { sync } from '../../../src/lab/student/functions.ts';
import { LABS } from '../../../src/lab/paths.ts';
import { faultOf, processesWith, sessionFor, submission, temporary } from '../submission.ts';

const call = (text: string) => faultOf(submission(text).call('answer', []));

describe('a submission that cannot be loaded', () => {
  test('does not compile: line and column', async () => {
    const fault = await call('export function answer() {\n  return 1 +;\n}');
    expect(fault).toContain('exercise.ts to compile');
    expect(fault).toContain('exercise.ts:2:13');
  });

  test('is not there', async () => {
    expect(await faultOf(sessionFor(temporary()).call('answer', []))).toContain('there is no such file');
  });

  test('throws at import', async () => {
    const fault = await call('\nthrow new RangeError("too early");');
    expect(fault).toContain('it threw RangeError: too early at exercise.ts:2:7');
  });

  test('never finishes its import', async () => {
    expect(await call('for (;;);')).toContain('importing exercise.ts had not come back after 3 s');
    expect(await call('await new Promise(() => {});')).toMatch(/had not come back|exited with status 13/);
  });

  test('exports nothing, or no function', async () => {
    expect(await call('const answer = 1;')).toContain('it exports nothing');
    expect(await call('export const answer = 1;')).toContain('to export a function answer');
    expect(await call('export function other() {}')).toContain('it exports other');
    expect(await faultOf(submission('export {}').call('constructor', []))).toContain('it exports nothing');
  });

  test('exits 0 early', async () => {
    expect(await call('process.exit(0);')).toContain('exited with status 0');
    expect(await call('export function answer() { process.exit(0); }')).toContain('exited with status 0');
  });
});

describe('a submission that does not come to an end', () => {
  const loops = {
    'a loop': 'export function answer() { for (;;); }',
    'a promise that never settles': 'export function answer() { return new Promise(() => {}); }',
    'a loop of promises': 'export async function answer() { for (;;) await 0; }',
    'a blocked thread':
      'export function answer() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }',
    'signals ignored': 'process.on("SIGTERM", () => {}); export function answer() { for (;;); }',
  };
  test.each(Object.entries(loops))('%s', async (_name, text) => {
    expect(await faultOf(submission(text, { timeoutMs: 700 }).call('answer', []))).toContain(
      'had not come back after 0.7 s',
    );
  });

  test('floods a function of the grader’s', async () => {
    const student = submission('export function answer(f) { for (;;) f(1); }', { timeoutMs: 700 });
    expect(await faultOf(student.call('answer', [sync(() => 1)]))).toContain('had not come back');
    const other = submission('export function answer(f) { for (;;) f(1); }', { timeoutMs: 700 });
    expect(await faultOf(other.call('answer', [async () => 1]))).toMatch(
      /had not come back|before it answered/,
    );
  });

  test('the next task finds a fresh process', async () => {
    const student = submission('export function answer() { for (;;); }\nexport const other = () => 7;', {
      timeoutMs: 500,
    });
    await faultOf(student.call('answer', []));
    expect(await student.call('other', [])).toBe(7);
  });
});

describe('a submission that takes too much', () => {
  test('prints 50 MB', async () => {
    const text =
      'export function answer() { const line = "x".repeat(1 << 20); for (let i = 0; i < 50; i++) process.stdout.write(line); return 1; }';
    expect(await call(text)).toContain('printed more than 64 KiB');
  });

  test('fills its heap', async () => {
    const fault = await call(
      'export function answer() { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); }',
    );
    expect(fault).toMatch(/killed by SIG(ABRT|TRAP|KILL)|exited with status 13[34]/);
  });

  test('fills memory outside of its heap', async () => {
    const fault = await call(
      'export function answer() { const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1)); }',
    );
    expect(fault).toMatch(/threw RangeError|before it answered/);
  });

  test('fills memory with many processes, each within its limit', async (context) => {
    const lack = whyNot(discoverCgroups(), ['memory']);
    if (lack) context.skip(`needs cgroup-memory: ${lack.message}`);
    // tail looks for the end of a line that never ends. Alone it fails at its own limit, with status 1.
    const text = `import { spawn } from 'node:child_process';
      export function answer() {
        const one = () => new Promise((done) => {
          spawn('tail', ['/dev/zero'], { stdio: 'ignore' }).on('exit', (status, signal) => done(signal ?? status));
        });
        return Promise.all(Array.from({ length: 6 }, one));
      }`;
    const student = submission(text, { timeoutMs: 20_000 });
    const outcome = await student.call('answer', []).catch((error: Error) => error.message);
    expect(JSON.stringify(outcome)).toContain('SIGKILL');
  });

  test('fills its disk', async () => {
    const text = `import { writeFileSync } from 'node:fs';
      export function answer() { for (let at = 0; ; at++) writeFileSync('/tmp/' + at, Buffer.alloc(1 << 20)); }`;
    expect(await call(text)).toContain('ENOSPC');
  });

  test('forks without end: few at a time, and all dead afterwards', async () => {
    const mark = `${randomInt(1e9, 9e9)}`;
    const text = `import { spawn } from 'node:child_process';
      export async function answer() {
        let refused = 0, started = 0;
        while (refused < 20) {
          const child = spawn('sleep', ['${mark}'], { detached: true, stdio: 'ignore' });
          await new Promise((done) => { child.on('error', () => { refused++; done(0); }); child.on('spawn', () => { started++; done(0); }); });
          child.unref();
        }
        return started;
      }`;
    const student = submission(text);
    const started = await student.call('answer', [], { returns: z.number() });
    expect(started).toBeGreaterThan(0);
    expect(started).toBeLessThan(40);
    expect(processesWith(mark).length).toBe(started);
    await student.close();
    expect(processesWith(mark)).toEqual([]);
  });

  test('a fork bomb of shells ends with its call', async () => {
    const mark = `ring3-bomb-${randomInt(1e9)}`;
    const text = `import { spawn } from 'node:child_process';
      export async function answer() {
        spawn('sh', ['-c', 'bomb() { bomb | bomb & }; bomb; : ${mark}'], { detached: true, stdio: 'ignore' }).unref();
        await new Promise(() => {});
      }`;
    const student = submission(text, { timeoutMs: 1500 });
    expect(await faultOf(student.call('answer', []))).toContain('had not come back');
    await student.close();
    expect(processesWith(mark)).toEqual([]);
  });
});

describe('a submission that answers nonsense', () => {
  test('of another type than its signature', async () => {
    const student = submission('export const answer = () => ({ a: [1, "2"] });');
    const returns = z.object({ a: z.array(z.number()) });
    expect(await faultOf(student.call('answer', [], { returns }))).toContain('at a.1');
  });

  test.each([
    ['a circle', 'const a = {}; a.a = a; return a;', 'contains itself'],
    [
      '10,000 levels',
      'let a = 1; for (let i = 0; i < 10000; i++) a = [a]; return a;',
      'nested deeper than 64',
    ],
    ['12 MiB', 'return "x".repeat(12 << 20);', 'larger than 8 MiB'],
    ['a hole of a million', 'return new Array(2e6);', 'more than 1000000 parts'],
    ['a function', 'return () => 1;', 'contains a function'],
    ['a symbol', 'return Symbol("x");', 'contains a symbol'],
    ['a Map', 'return new Map();', 'contains a Map'],
  ])('returns %s', async (_name, body, expected) => {
    expect(await call(`export function answer() { ${body} }`)).toContain(expected);
  });

  test('throws what is no error', async () => {
    expect(await call('export function answer() { throw null; }')).toContain('it threw');
    const text = 'export function answer() { throw { toString() { throw 1; } }; }';
    expect(await call(text)).toContain('something that has no text');
    expect(await call('export function answer() { throw new Error("x".repeat(1e6)); }')).toContain('…');
  });

  test('pollutes prototypes', async () => {
    const text = `export function answer() { return JSON.parse('{"__proto__": {"isAdmin": true}, "a": 1}'); }`;
    expect(await call(text)).toContain('has a key __proto__');
    const student = submission(
      'export function answer() { return { constructor: { prototype: { evil: 1 } }, toString: "x" }; }',
    );
    await student.call('answer', []);
    expect(({} as { evil?: number }).evil).toBeUndefined();
  });
});

describe('a submission that cheats', () => {
  test('changes JSON and the prototypes of its own world only', async () => {
    const text = `JSON.stringify = () => 'true'; JSON.parse = () => ({});
      Array.prototype.push = () => { throw 1; }; Array.prototype.map = () => []; Object.keys = () => [];
      Object.prototype.toJSON = undefined; Promise.prototype.then = Promise.prototype.then;
      export function answer(a) { return { got: a, list: [1, 2] }; }`;
    expect(await submission(text).call('answer', [{ x: [3] }])).toEqual({ got: { x: [3] }, list: [1, 2] });
  });

  test('writes an answer before it is asked', async () => {
    const text = `import { writeSync } from 'node:fs';
      const body = Buffer.from(JSON.stringify({ type: 'result', id: 1, value: true }));
      const head = Buffer.alloc(4); head.writeUInt32LE(body.length);
      writeSync(3, Buffer.concat([head, body]));
      export function answer() { return false; }`;
    expect(await call(text)).toContain('answered a question that nobody asked');
  });

  test.each([
    ['garbage', 'Buffer.from([5, 0, 0, 0, 104, 101, 108, 108, 111])', 'no message'],
    ['the promise of 4 GiB', 'Buffer.alloc(4, 255)', 'too large'],
    ['null', 'Buffer.from([4, 0, 0, 0, 110, 117, 108, 108])', 'no message'],
    [
      'an unknown type',
      'Buffer.concat([Buffer.from([18, 0, 0, 0]), Buffer.from(\'{"type":"x","id":1}\'), Buffer.from(" ")])',
      'message',
    ],
  ])('writes %s to the grader’s pipe', async (_name, bytes, expected) => {
    const text = `import { writeSync } from 'node:fs';
      export async function answer() { writeSync(3, ${bytes}); await new Promise(() => {}); }`;
    expect(await call(text)).toContain(expected);
  });

  test('forges a callback to a function that it was not given', async () => {
    const text = `import { writeSync } from 'node:fs';
      export async function answer() {
        const body = Buffer.from(JSON.stringify({ type: 'callback', id: 9, fn: 77, args: [] }));
        const head = Buffer.alloc(4); head.writeUInt32LE(body.length);
        writeSync(3, Buffer.concat([head, body])); await new Promise(() => {});
      }`;
    expect(await call(text)).toContain('called a function that is no longer there');
  });

  test('reads the solution', async () => {
    const path = join(LABS, '01-plain-process', 'solution.ts');
    expect(existsSync(path)).toBe(true);
    const text = `import { readFileSync } from 'node:fs';
      export function answer(path) { return readFileSync(path, 'utf8'); }`;
    expect(await faultOf(submission(text).call('answer', [path]))).toContain('ENOENT');
  });

  test('imports the solution', async () => {
    const path = join(LABS, '01-plain-process', 'solution.ts');
    for (const from of [
      path,
      `file://${path}`,
      `../../..${path}`,
      `../../../../../..${path}`,
      './solution.ts',
    ]) {
      expect(await call(`export { median as answer } from '${from}';`)).toMatch(
        /can be imported|no such file/,
      );
    }
    const folder = temporary();
    symlinkSync(path, join(folder, 'exercise.ts'));
    expect(await faultOf(sessionFor(folder).call('median', [[1]]))).toContain('own folder');
    const lab = temporary();
    writeFileSync(join(lab, 'solution.ts'), 'export const answer = () => 1;');
    writeFileSync(join(lab, 'exercise.ts'), "export { answer } from './solution.ts';");
    expect(await faultOf(sessionFor(lab).call('answer', []))).toContain('own folder');
  });

  test('kills its parent, and everybody else that it sees', async () => {
    const text = `export function answer() {
        const seen = [process.ppid];
        for (const pid of [process.ppid, 1, -1, ${process.pid}]) {
          try { if (pid !== process.pid) process.kill(pid, 'SIGKILL'); } catch {}
        }
        return seen;
      }`;
    const student = submission(text);
    const outcome = await student.call('answer', []).catch((error: Error) => error.message);
    expect(JSON.stringify(outcome)).toMatch(/^\[\d+\]$|before it answered/);
  });

  test('sees no other process, no network, and no file of the host’s', async () => {
    const text = `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
      const attempt = (f) => { try { return f(); } catch (error) { return error.code; } };
      export function answer() {
        return {
          processes: readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
          interfaces: readFileSync('/proc/net/dev', 'utf8').trim().split('\\n').length - 2,
          root: attempt(() => writeFileSync('/x', '')),
          shadow: attempt(() => readFileSync('/etc/shadow', 'utf8')),
          home: attempt(() => readdirSync('/root')),
          capabilities: /CapEff:\\t(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1],
        };
      }`;
    const seen = await submission(text).call('answer', []);
    expect(seen).toEqual({
      processes: 2,
      interfaces: 1,
      root: 'EROFS',
      shadow: 'ENOENT',
      home: 'ENOENT',
      capabilities: '0000000000000000',
    });
  });

  test('leaves something behind: a server, a file, a process that ignores signals', async () => {
    const mark = `${randomInt(1e9, 9e9)}`;
    const before = new Set(readdirSync(tmpdir()));
    const text = `import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      import { createServer } from 'node:net';
      export async function answer() {
        writeFileSync('/tmp/left-${mark}', 'x');
        createServer().listen('/tmp/socket-${mark}');
        const ignorant = 'trap "" TERM HUP INT; sleep ${mark}';
        spawn('setsid', ['sh', '-c', ignorant + ' & ' + ignorant], { detached: true, stdio: 'ignore' }).unref();
        await new Promise((done) => setTimeout(done, 200));
        return 1;
      }`;
    const student = submission(text);
    expect(await student.call('answer', [])).toBe(1);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await student.close();
    expect(processesWith(mark)).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => !before.has(name) && name.includes(mark))).toEqual([]);
  });
});
