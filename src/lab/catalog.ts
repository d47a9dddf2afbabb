/** The labs that there are. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from './error.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { LABS } from './paths.ts';

export interface Lab {
  manifest: Manifest;
  /** With the handout, the exercise as it was, the grader, the solution and the mutants. */
  folder: string;
}

/** All labs, by number. @throws UserError when a lab.json is wrong. */
export function labs(at: string = LABS): Lab[] {
  const root = resolve(at);
  if (!existsSync(root)) throw new UserError(`there are no labs: ${root} does not exist`);
  return readdirSync(root)
    .filter((name) => /^\d\d-/.test(name) && existsSync(join(root, name, 'lab.json')))
    .sort()
    .map((name) => ({ folder: join(root, name), manifest: readManifest(join(root, name)) }));
}

/**
 * The lab that a user means: `5`, `05`, `05-seccomp` or `seccomp`.
 * @throws UserError naming the labs that there are
 */
export function findLab(wanted: string, root: string = LABS): Lab {
  const all = labs(root);
  const found = all.find(({ manifest: { number, name }, folder }) =>
    /^\d+$/.test(wanted) ? number === Number(wanted) : name === wanted || folder.endsWith(`/${wanted}`),
  );
  if (found) return found;
  const numbers = all.map(({ manifest }) => manifest.number).join(', ');
  throw new UserError(`there is no lab ${wanted}; there are ${numbers || 'none yet'}`);
}
