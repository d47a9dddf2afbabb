/** What the lab commands share: where we are, which lab is meant, and how an error of the user's is told. */
import { findLab, type Lab } from '../../lab/catalog.ts';
import { UserError } from '../../lab/error.ts';
import { Progress } from '../../lab/progress.ts';
import { exerciseFile, findWorkspace, labFolder, type Workspace } from '../../lab/workspace.ts';

export interface LabContext {
  workspace: Workspace;
  progress: Progress;
}

export interface ChosenLab extends LabContext {
  lab: Lab;
  /** The student's file, and the folder that it stands in. */
  file: string;
  root: string;
}

/** @throws UserError outside of a workspace. */
export function openWorkspace(): LabContext {
  const workspace = findWorkspace(process.cwd());
  const progress = new Progress(workspace.folder);
  if (progress.warning) process.stderr.write(`ring3: ${progress.warning}\n`);
  return { workspace, progress };
}

export function inWorkspace(context: LabContext, lab: Lab): ChosenLab {
  const file = exerciseFile(context.workspace, lab.manifest);
  return { ...context, lab, file, root: labFolder(context.workspace, lab.manifest) };
}

/** @throws UserError for a lab that there is not, or outside of a workspace. */
export function choose(wanted: string): ChosenLab {
  return inWorkspace(openWorkspace(), findLab(wanted));
}

/** @throws UserError naming the lab's tasks. */
export function checkTask({ manifest }: Lab, task: string | undefined): void {
  if (task === undefined || manifest.tasks.some(({ id }) => id === task)) return;
  const ids = manifest.tasks.map(({ id }) => id).join(', ');
  throw new UserError(`lab ${manifest.number} has no task ${task}; it has ${ids}`);
}

/** An action whose UserErrors become one line and their exit status. */
export function handled<A extends unknown[]>(action: (...args: A) => Promise<void> | void) {
  return async (...args: A): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`ring3: ${error.message}\n`);
      process.exitCode = error.status;
    }
  };
}
