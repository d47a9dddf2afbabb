/** `--with FILE`: a module whose handlers take the place of the kernel's. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, BuildOptions, Plugin } from 'esbuild';
import type { SyscallFamily, SyscallRow } from '../../../kernel/syscalls/handler.ts';
import { packageRoot } from '../../../linux/addon.ts';
import { SYSCALLS } from '../../../linux/syscalls.ts';
import { hostArchitecture } from '../../../linux/architectures.ts';

/** `ring3` is this very copy of it. */
const ours: Plugin = {
  name: 'ring3',
  setup({ onResolve }) {
    const path = pathToFileURL(join(packageRoot, 'dist', 'index.js')).href;
    onResolve({ filter: /^ring3$/ }, () => ({ path, external: true }));
  },
};

function settings(file: string): BuildOptions & { write: false } {
  return {
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    absWorkingDir: dirname(file),
    logLevel: 'silent',
    plugins: [ours],
  };
}

async function load(file: string): Promise<Record<string, unknown>> {
  const { build } = await import('esbuild');
  let code: string;
  try {
    code = (await build(settings(file))).outputFiles[0]!.text;
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? [];
    const line = first?.location ? `:${first.location.line}` : '';
    throw new Error(`--with ${file}${line}: ${first?.text ?? (error as Error).message}`, { cause: error });
  }
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  return (await import(url)) as Record<string, unknown>;
}

function isRow(value: unknown): value is SyscallRow {
  return typeof value === 'object' && value !== null && typeof (value as SyscallRow).handler === 'function';
}

/** Calls by name: handlers, or rows. */
function isFamily(value: unknown): value is SyscallFamily {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.values(value);
  return entries.length > 0 && entries.every((entry) => typeof entry === 'function' || isRow(entry));
}

/** All families that the module exports, under whatever names. @throws Error with one line */
export async function loadExercise(path: string): Promise<SyscallFamily> {
  const file = resolve(path);
  if (!existsSync(file)) throw new Error(`--with ${path}: there is no such file.`);
  const families = Object.values(await load(file)).filter(isFamily);
  if (families.length === 0) {
    throw new Error(`--with ${path}: export an object whose functions are named like system calls.`);
  }
  const family: SyscallFamily = Object.assign({}, ...families);
  const unknown = Object.keys(family).find((name) => !Object.hasOwn(SYSCALLS[hostArchitecture()], name));
  if (unknown) throw new Error(`--with ${path}: ${unknown} is no system call of ${hostArchitecture()}.`);
  return family;
}
