/** Which exercises a folder holds that somebody handed in. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findLab, labs, type Lab } from './catalog.ts';
import type { Exercise } from './check.ts';
import { UserError } from './error.ts';
import { folderName } from './manifest.ts';

/** The lab's folder below a workspace, or below a folder of labs. */
function labIn(folder: string, lab: Lab): string | undefined {
  const name = folderName(lab.manifest);
  return [join(folder, 'labs', name), join(folder, name)].find((path) => existsSync(path));
}

const exercise = (lab: Lab, root: string): Exercise => ({ lab, file: join(root, 'exercise.ts'), root });

/**
 * @param wanted labs to grade; one of them that is missing is graded all the same, and gets no points
 * @param from the folder of the labs themselves, the package's by default
 * @throws UserError when the folder holds nothing to grade
 */
export function findSubmissions(given: string, wanted: readonly string[], from?: string): Exercise[] {
  const folder = resolve(given);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UserError(`${folder} is no folder`);
  const asked = wanted.map((name) => findLab(name, from));
  const [only] = asked;
  if (only && asked.length === 1 && existsSync(join(folder, 'exercise.ts'))) return [exercise(only, folder)];
  const chosen = asked.length ? asked : labs(from).filter((lab) => labIn(folder, lab));
  if (chosen.length === 0) {
    throw new UserError(
      `${folder} holds no labs: it needs labs/01-…/exercise.ts, or an exercise.ts and --lab N`,
    );
  }
  return chosen.map((lab) =>
    exercise(lab, labIn(folder, lab) ?? join(folder, 'labs', folderName(lab.manifest))),
  );
}
