/**
 * From a submission's exercise.ts to one module that Node can load.
 *
 * The compiler runs with the grader's rights, so it is also a wall: what it reads ends up in the submission's hands.
 * It reads the submission's own folder and nothing else, and never the answers in it.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild';
import { WrongAnswer } from '../outcome.ts';
import { PACKAGE_ROOT } from '../paths.ts';

const MAX_SOURCE = 1024 * 1024;
const EXTENSIONS = ['', '.ts', '.js', '.mjs', '.json'];
const builtins = new Set(builtinModules);

export interface Source {
  /** The file that exports the answers. */
  file: string;
  /** What it imports must lie in here. */
  root: string;
  /** The repository's own solutions and mutants may build on one another. */
  trusted: boolean;
}

function isAnswer(path: string): boolean {
  return /(^|\/)(solution\.ts|grade\.test\.ts|mutants\/)/.test(path);
}

/** @throws Error with a message for the student. */
function locate(source: Source, wanted: string): string {
  if (!existsSync(source.root)) throw new Error('there is no such file');
  const root = realpathSync(source.root);
  for (const extension of EXTENSIONS) {
    let path: string;
    try {
      path = realpathSync(wanted + extension);
      if (readFileSync(path).length > MAX_SOURCE) throw new Error(`${basename(path)} is larger than 1 MiB`);
    } catch (error) {
      if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
      throw error;
    }
    const inside = relative(root, path);
    if (inside.startsWith('..') || (!source.trusted && isAnswer(inside.split(sep).join('/')))) {
      throw new Error('only files of the lab’s own folder can be imported');
    }
    return path;
  }
  throw new Error('there is no such file');
}

function walls(source: Source): Plugin {
  return {
    name: 'walls',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) => {
        try {
          if (kind === 'entry-point') return { path: locate(source, path) };
          if (path.startsWith('.')) return { path: locate(source, join(resolveDir, path)) };
        } catch (error) {
          return { errors: [{ text: `${basename(path)}: ${(error as Error).message}` }] };
        }
        if (path.startsWith('node:') || builtins.has(path)) return { path, external: true };
        if (path === 'ring3') {
          return { path: pathToFileURL(join(PACKAGE_ROOT, 'dist', 'index.js')).href, external: true };
        }
        return { errors: [{ text: `only ring3 and Node’s own modules can be imported, not ${path}` }] };
      });
    },
  };
}

function explain(source: Source, message: Message | undefined): WrongAnswer {
  const at = message?.location;
  const where = at ? `${basename(at.file)}:${at.line}:${at.column + 1}: ` : '';
  return new WrongAnswer({
    expected: `${basename(source.file)} to compile`,
    seen: `${where}${message?.text ?? 'it does not'}`,
    show: `npx tsc --noEmit ${basename(source.file)}`,
  });
}

/** @throws WrongAnswer with line and column when the submission does not compile. */
export async function compile(source: Source): Promise<string> {
  try {
    const result = await build({
      entryPoints: [source.file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      sourcemap: 'inline',
      sourcesContent: false,
      absWorkingDir: dirname(source.file),
      outdir: dirname(source.file),
      loader: { '.ts': 'ts', '.js': 'js', '.mjs': 'js', '.json': 'json' },
      logLevel: 'silent',
      plugins: [walls(source)],
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
    });
    return result.outputFiles[0]?.text ?? '';
  } catch (error) {
    throw explain(source, (error as BuildFailure).errors?.[0]);
  }
}
