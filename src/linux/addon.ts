/** The door to floor 1: what `native/` exports, typed. Nothing else loads the addon. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface StepLayout {
  op: number;
  /** The names of the step's fields, separated by spaces, in their order. */
  fields: string;
}

/** Sizes and offsets of native/spawn/plan.h in bytes, as the compiler has laid them out. */
export interface Layout {
  plan: Record<
    | 'size'
    | 'magic'
    | 'bytes'
    | 'step_count'
    | 'shared'
    | 'steps'
    | 'magicValue'
    | 'stepSize'
    | 'stepOp'
    | 'stepField'
    | 'fieldSize'
    | 'fieldLength',
    number
  >;
  shared: Record<'started' | 'cloned' | 'executed' | 'failed_step' | 'command_status' | 'finished', number>;
  report: Record<
    | 'size'
    | 'kind'
    | 'pid'
    | 'status'
    | 'error'
    | 'step'
    | 'user_us'
    | 'system_us'
    | 'max_rss_kib'
    | 'where'
    | 'whereSize'
    | 'running'
    | 'failed'
    | 'exited',
    number
  >;
  command: Record<'size' | 'kind' | 'signal' | 'sendSignal' | 'release', number>;
  steps: Record<string, StepLayout>;
}

export interface Addon {
  layout: Layout;
  /** Starts the shim on [stdin, stdout, stderr, plan, control, console]. */
  launch(executable: number, descriptors: number[]): { pid: number; pidfd: number };
  /** Calls `done` with the exit status (128 + signal when killed); takes the pidfd over. */
  waitProcess(pidfd: number, done: (status: number) => void): void;
  pipe(): [read: number, write: number];
  socketPair(): [number, number];
  memoryFile(bytes: Uint8Array): number;
  sealedCopy(path: string): number;
  /** The descriptor that waits in a socket (SCM_RIGHTS), or -1. */
  receiveDescriptor(socket: number): number;
  setWindowSize(terminal: number, rows: number, columns: number): void;
  /** The foreground process group of a terminal, in our pid namespace; 0 when it has none there. */
  foregroundGroup(terminal: number): number;
}

const require = createRequire(import.meta.url);

/** The folder that package.json stands in: sources run from `src/`, the built project from `dist/`. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

let loaded: Addon | undefined;

/** @throws Error that says how to build, when the addon is not there. */
export function addon(): Addon {
  if (loaded) return loaded;
  const load = require('node-gyp-build') as (root: string) => Addon;
  try {
    loaded = load(packageRoot);
  } catch (error) {
    throw new Error('The native part of ring3 is not built: run `npm run build` in its folder.', {
      cause: error,
    });
  }
  return loaded;
}

/** The path of a static helper executable that was built, or prebuilt, beside the addon. */
export function helperPath(name: string): string {
  const places = [
    join(packageRoot, 'build', 'Release', name),
    join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, name),
  ];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`${name} is not built: run \`npm run build\` in ${packageRoot}.`);
  return found;
}
