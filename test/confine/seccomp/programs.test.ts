import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { execute } from '../../../src/confine/execute.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/confine/privileges.ts';
import { compileProfile } from '../../../src/confine/seccomp/compile.ts';
import { defaultProfile } from '../../../src/confine/seccomp/default-profile.ts';
import { checkProfile } from '../../../src/confine/seccomp/profile.ts';
import { needsLibseccomp } from '../../support/libseccomp.ts';

const folder = mkdtempSync(join(tmpdir(), 'ring3-programs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(needsLibseccomp);

let program: string;
beforeAll(() => {
  const compiled = compileProfile(checkProfile(defaultProfile()), { capabilities: DEFAULT_CAPABILITIES });
  program = Buffer.from(compiled.program).toString('base64');
});

function filtered(...argv: string[]) {
  const path = process.env['PATH'] ?? '';
  return execute(
    [
      { step: 'workdir', path: folder },
      { step: 'noNewPrivs' },
      { step: 'seccomp', program },
      {
        step: 'exec',
        file: argv[0] as string,
        argv,
        env: [`PATH=${path}`, `HOME=${folder}`],
        search: path.split(':'),
      },
    ],
    { timeoutMs: 20_000 },
  );
}

const PYTHON = `
import asyncio, os, socket, subprocess, threading
t = threading.Thread(target=lambda: print("thread")); t.start(); t.join()
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip())
a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1))
asyncio.run(asyncio.sleep(0)); print(os.cpu_count() > 0)`;

const NODE = `
const { Worker } = require('node:worker_threads');
const { execFileSync } = require('node:child_process');
console.log(String(execFileSync('echo', ['child'])).trim());
require('node:fs').readFile('/etc/passwd', (error) => console.log(error ?? 'read'));
new Worker('console.log("thread")', { eval: true });`;

const GIT =
  'git init -q r && cd r && git -c user.name=a -c user.email=b commit -q --allow-empty -m one && git log --format=%s';
const GCC = `echo 'int main(void) { return 7; }' > x.c && cc x.c -o x && { ./x; echo $?; }`;

function needsTool(context: TestContext, tool: string): void {
  const name = tool === 'coreutils' ? 'date' : tool;
  if (spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0) {
    context.skip(`needs ${name}: the shell does not find it`);
  }
}

describe('under the default filter', () => {
  it.for<[string, string[], string[]]>([
    [
      'bash',
      ['bash', '-c', 'for i in 1 2; do echo $i | cat; done; (sleep 0 & wait); echo $((1+1))'],
      ['1', '2', '2'],
    ],
    [
      'coreutils',
      ['sh', '-c', 'mkfifo p; ln -s p q; cp -a q s; ls; rm p q s; date +%s | grep -c .'],
      ['p', 'q', 's', '1'],
    ],
    ['python3', ['python3', '-c', PYTHON], ['thread', 'child', "b'x'", 'True']],
    ['node', ['node', '-e', NODE], ['child', 'read', 'thread']],
    ['git', ['sh', '-c', GIT], ['one']],
    ['cc', ['sh', '-c', GCC], ['7']],
    ['tar', ['sh', '-c', 'echo a > t; tar czf t.tgz t && tar xzf t.tgz -O'], ['a']],
    ['busybox', ['busybox', 'sh', '-c', 'echo a | busybox tr a b'], ['b']],
  ])('%s works', async ([tool, argv, lines], context) => {
    needsTool(context, tool);
    const { exit, stdout, stderr } = await filtered(...argv);
    expect({ code: exit.code, stderr }, tool).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n').sort()).toEqual([...lines].sort());
  });
});

it('says so in /proc/self/status', async () => {
  const { stdout } = await filtered('grep', '-E', '^(Seccomp|NoNewPrivs):', '/proc/self/status');
  expect(stdout).toBe('NoNewPrivs:\t1\nSeccomp:\t2\n');
});
