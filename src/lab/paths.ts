/** Where the package, its labs and the student's workspace are. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of ring3's package.json; the same from src/lab and from dist/lab. */
export const PACKAGE_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const LABS = join(PACKAGE_ROOT, 'labs');

/** The nearest folder from `start` upwards that holds `name`. */
export function findUpwards(name: string, start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
