/**
 * Compiled profiles, kept: FFI, libseccomp and its tree take about 200 ms, a start should take 10.
 *
 * A program is a pure function of the profile's text, the circumstances and libseccomp, so their hash is the file's
 * name. The folder must be ours alone, for who can write there decides what a later run may do.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, release } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { hostArchitecture } from '../../linux/architectures.ts';
import type { Capability } from '../../linux/capabilities.ts';
import { MAX_INSTRUCTIONS } from './bpf.ts';
import { compileProfile, type CompiledProfile } from './compile.ts';
import { defaultProfile } from './default-profile.ts';
import { parseProfile } from './profile.ts';

/** Raise it when the same profile shall compile to something else. */
const FORMAT = 1;
const PREFIX = 'seccomp-';
const MOST_FILES = 64;
const MOST_BYTES = 1 << 20;

const entrySchema = z.strictObject({
  program: z.base64().refine((text) => {
    const { length } = Buffer.from(text, 'base64');
    return length > 0 && length % 8 === 0 && length <= 8 * MAX_INSTRUCTIONS;
  }),
  unknown: z.array(z.string()),
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Another libseccomp may make another program: its file says which it is, without loading it. */
function libseccompIdentity(): string {
  const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  for (const folder of [`/lib/${triple}`, `/usr/lib/${triple}`, '/usr/lib64', '/lib64', '/usr/lib', '/lib']) {
    try {
      const file = realpathSync(join(folder, 'libseccomp.so.2'));
      const { size, mtimeMs } = statSync(file);
      return `${file} ${size} ${mtimeMs}`;
    } catch {
      // Not in this one.
    }
  }
  return 'elsewhere';
}

interface Place {
  folder: string;
  /** The folders that must be made first, outermost first. */
  missing: string[];
}

/** The nearest folder above that exists must be ours: below sudo, HOME may be somebody else's. */
function place(): Place | undefined {
  const base = process.env['XDG_CACHE_HOME'];
  const folder = join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'ring3');
  const missing: string[] = [];
  for (let above = folder; ; above = dirname(above)) {
    try {
      const { uid, mode } = statSync(above);
      return uid === process.geteuid?.() && (mode & 0o022) === 0 ? { folder, missing } : undefined;
    } catch {
      if (above === dirname(above)) return undefined;
      missing.unshift(above);
    }
  }
}

/** Undefined for whatever is not a file of ours with the content that we wrote. */
function read(file: string): CompiledProfile | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const { uid, mode, size } = fstatSync(fd);
    const ours = uid === process.geteuid?.() && (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!ours || (mode & 0o022) !== 0 || size > MOST_BYTES) return undefined;
    const [checksum, body = ''] = readFileSync(fd, 'utf8').split('\n');
    if (checksum !== hash(body)) return undefined;
    const { program, unknown } = entrySchema.parse(JSON.parse(body));
    return { program: new Uint8Array(Buffer.from(program, 'base64')), unknown };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Best effort: a run without a cache is slower, not wrong. */
function write({ folder, missing }: Place, file: string, { program, unknown }: CompiledProfile): void {
  const body = JSON.stringify({ program: Buffer.from(program).toString('base64'), unknown });
  const fresh = join(folder, `.${PREFIX}${randomUUID()}`);
  try {
    // Not with `recursive`, which never comes back from below /proc (Node 20).
    for (const one of missing) mkdirSync(one, { mode: 0o700 });
    const kept = readdirSync(folder).filter((name) => name.startsWith(PREFIX));
    if (kept.length >= MOST_FILES) for (const name of kept) rmSync(join(folder, name), { force: true });
    writeFileSync(fresh, `${hash(body)}\n${body}`, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, file);
  } catch {
    if (existsSync(fresh)) unlinkSync(fresh);
  }
}

/**
 * The program of a profile's text, for this host.
 * @throws ProfileError, or Error when libseccomp is missing and the program is not kept already
 */
export function programFor(
  text: string,
  source: string,
  capabilities: readonly Capability[],
): CompiledProfile {
  const compile = () => compileProfile(parseProfile(text, source), { capabilities });
  const where = place();
  if (!where) return compile();
  const circumstances = [[...capabilities].sort(), hostArchitecture(), release(), libseccompIdentity()];
  const file = join(where.folder, `${PREFIX}${hash(JSON.stringify([FORMAT, circumstances, text]))}`);
  const kept = read(file);
  if (kept) return kept;
  const compiled = compile();
  write(where, file, compiled);
  return compiled;
}

/** The program of our own profile, for a child with these capabilities. */
export function defaultProgram(capabilities: readonly Capability[]): CompiledProfile {
  return programFor(JSON.stringify(defaultProfile()), 'the default profile', capabilities);
}
