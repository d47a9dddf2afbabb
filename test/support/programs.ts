/** The small C guests of tests, compiled when they are first needed. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(project, 'build/programs');

/**
 * The path of a static executable made from `native/programs/NAME.c`, or from the `.c` file at a path relative to the
 * project (`test/escape/chroot.c`). Throws with the compiler's messages when it does not compile.
 *
 * Test processes run side by side: each compiles under a name of its own and renames, so nobody runs half a file.
 */
export function program(name: string): string {
  const source = join(project, name.endsWith('.c') ? name : `native/programs/${name}.c`);
  const target = join(folder, name.replace(/\.c$/, '').replaceAll('/', '-'));
  if (modified(target) > modified(source)) return target;

  mkdirSync(folder, { recursive: true });
  const fresh = `${target}.${randomUUID()}`;
  try {
    compile(source, fresh);
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { force: true });
  }
  return target;
}

function compile(source: string, output: string): void {
  const flags = ['-O1', '-static', '-Wall', '-Werror', '-std=gnu17'];
  try {
    execFileSync('cc', [...flags, '-o', output, source], { stdio: 'pipe', timeout: 60_000 });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    throw new Error(`cannot compile ${basename(source)}: ${stderr?.toString().trim() || message}`, {
      cause: error,
    });
  }
}

/** Milliseconds since 1970; minus infinity for what is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}
