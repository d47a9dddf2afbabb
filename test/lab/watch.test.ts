/** Watch mode on a terminal: keys in, screens out. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/lab/paths.ts';
import { processesWith, temporary } from './submission.ts';

const MAIN = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');

function environment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete env[name];
  return env;
}

function workspace(): string {
  const folder = join(temporary(), 'work');
  spawnSync(process.execPath, [MAIN, 'init', folder]);
  return folder;
}

/** script(1) gives the command a terminal of its own. */
function onTerminal(folder: string, args: string[]) {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: environment() });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  /** Waits until the text since the last key contains it. */
  const shows = async (wanted: string | RegExp) => {
    await expect.poll(() => stripVTControlCharacters(text), { timeout: 20_000 }).toMatch(wanted);
  };
  const press = (keys: string) => {
    text = '';
    child.stdin.write(keys);
  };
  return { shows, press, ended };
}

test('checks, checks again when the file changes, and obeys its keys', async (context) => {
  if (spawnSync('script', ['--version']).error) context.skip('needs script(1) of util-linux: not installed');
  const folder = workspace();
  const exercise = join(folder, 'labs', '01-plain-process', 'exercise.ts');
  const { shows, press, ended } = onTerminal(folder, ['lab', 'watch']);
  await shows(/Lab 1[^]*0 of 100 points/);

  press('h');
  await shows('rounds, hint 1 of');

  press('');
  appendFileSync(exercise, '\nsyntax error\n');
  await shows(/exercise\.ts:\d+:\d+: Expected ";"/);

  press('r');
  await shows('y/n');
  press('x');
  await shows('nothing was changed');
  press('r');
  await shows('y/n');
  press('y');
  await shows('as it was handed out');
  expect(readFileSync(exercise, 'utf8')).not.toContain('syntax error');
  await shows(/0 of 100 points/);

  press('n');
  await shows(/Lab 2/);
  press('q');
  expect(await ended).toBe(0);
}, 90_000);

test('Ctrl-C ends it', async (context) => {
  if (spawnSync('script', ['--version']).error) context.skip('needs script(1) of util-linux: not installed');
  const { shows, press, ended } = onTerminal(workspace(), ['lab', 'watch', '1']);
  await shows('q quit');
  press('\u0003');
  expect(await ended).toBe(0);
}, 60_000);

test('a check that is killed leaves no process behind', async () => {
  const folder = workspace();
  const mark = `${Math.floor(Math.random() * 1e9) + 1e9}`;
  const text = `import { spawn } from 'node:child_process';
    spawn('setsid', ['sleep', '${mark}'], { stdio: 'ignore' });
    for (;;);`;
  appendFileSync(join(folder, 'labs', '01-plain-process', 'exercise.ts'), text);
  const child = spawn(process.execPath, [MAIN, 'lab', 'check', '1'], {
    cwd: folder,
    env: environment(),
    stdio: 'ignore',
  });
  await expect.poll(() => processesWith(mark).length, { timeout: 20_000 }).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await expect.poll(() => processesWith(mark), { timeout: 5000 }).toEqual([]);
}, 60_000);
