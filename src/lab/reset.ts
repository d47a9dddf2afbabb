/** Putting an exercise back to how it was handed out, and keeping what was there. */
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './catalog.ts';
import { UserError } from './error.ts';
import { exerciseFile, labFolder, type Workspace } from './workspace.ts';

/** @returns where the student's work went, if there was any. @throws UserError in the repository itself. */
export function resetExercise(workspace: Workspace, lab: Lab): string | undefined {
  const file = exerciseFile(workspace, lab.manifest);
  if (workspace.kind === 'repository') {
    throw new UserError(`this is the repository: put it back with \`git restore ${file}\``);
  }
  mkdirSync(labFolder(workspace, lab.manifest), { recursive: true });
  const kept = `${file}.${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const had = existsSync(file);
  if (had) renameSync(file, kept);
  copyFileSync(join(lab.folder, 'exercise.ts'), file);
  return had ? kept : undefined;
}
