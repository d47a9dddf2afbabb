/** Host paths that the user asks to be shown inside: `--bind SRC:DST[:ro,noexec,…]`. */
import { statSync } from 'node:fs';
import { isAbsolute, normalize, resolve } from 'node:path';
import { MOUNT_ATTRIBUTES, type MountAttribute, type StepInput } from '../plan.ts';

export interface Bind {
  source: string;
  target: string;
  attributes: MountAttribute[];
}

/** nosuid and nodev always hold: what a host folder's setuid files and devices may do is not the guest's to use. */
const ALWAYS: MountAttribute[] = ['nosuid', 'nodev'];

/** @throws Error with one line that says what is wrong with the text. */
export function parseBind(text: string): Bind {
  const [source = '', target = '', options = '', ...rest] = text.split(':');
  if (!source || !target || rest.length) throw new Error(`--bind ${text}: write SRC:DST or SRC:DST:ro.`);
  if (!isAbsolute(target)) throw new Error(`--bind ${text}: ${target} must be an absolute path.`);
  const inside = normalize(target).replace(/\/$/, '');
  if (!inside) throw new Error(`--bind ${text}: the root itself is chosen with --rootfs.`);
  const attributes = options.split(',').filter((name) => name && name !== 'rw');
  const unknown = attributes.find((name) => !(MOUNT_ATTRIBUTES as readonly string[]).includes(name));
  if (unknown) throw new Error(`--bind ${text}: ${unknown} is none of ${MOUNT_ATTRIBUTES.join(', ')}.`);
  return {
    source: resolve(source),
    target: inside,
    attributes: [...new Set([...(attributes as MountAttribute[]), ...ALWAYS])],
  };
}

export function bindSteps(root: string, binds: readonly Bind[]): StepInput[] {
  return binds.flatMap(({ source, target, attributes }): StepInput[] => {
    const path = `${root}${target}`;
    const place: StepInput = isFolder(source) ? { step: 'directory', path } : { step: 'file', path };
    return [place, { step: 'bind', source, target: path, recursive: true, attributes }];
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new Error(
      `--bind ${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file or folder' : (error as Error).message}.`,
      { cause: error },
    );
  }
}
