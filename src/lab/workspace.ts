/** A student's folder, found by its marker ring3.json, or the repository itself. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError } from './error.ts';
import { folderName, type Manifest } from './manifest.ts';
import { PACKAGE_ROOT, findUpwards } from './paths.ts';

export const MARKER = 'ring3.json';

export interface Workspace {
  folder: string;
  /** In the repository the exercise is the original, so there is nothing to reset it from. */
  kind: 'student' | 'repository';
}

/** @throws UserError outside of both. */
export function findWorkspace(start: string): Workspace {
  const folder = findUpwards(MARKER, start);
  if (folder) return { folder, kind: 'student' };
  if (!relative(PACKAGE_ROOT, start).startsWith('..') && existsSync(join(PACKAGE_ROOT, 'labs'))) {
    return { folder: PACKAGE_ROOT, kind: 'repository' };
  }
  throw new UserError(`${start} is in no workspace: make one with \`ring3 init DIR\` and go there`);
}

export function labFolder(workspace: Workspace, manifest: Manifest): string {
  return join(workspace.folder, 'labs', folderName(manifest));
}

export function exerciseFile(workspace: Workspace, manifest: Manifest): string {
  return join(labFolder(workspace, manifest), 'exercise.ts');
}
