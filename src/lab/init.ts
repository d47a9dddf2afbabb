/** Making a student's workspace: handouts and exercises, and nothing of the answers. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labs, type Lab } from './catalog.ts';
import { UserError } from './error.ts';
import { folderName } from './manifest.ts';
import { PACKAGE_ROOT } from './paths.ts';
import { MARKER } from './workspace.ts';

const PACKAGE = {
  name: 'ring3-labs',
  private: true,
  type: 'module',
  scripts: { check: 'ring3 lab check', watch: 'ring3 lab watch', typecheck: 'tsc --noEmit' },
};

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: ['./node_modules/ring3/node_modules/@types'],
    strict: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['labs'],
};

function readme(all: Lab[]): string {
  const rows = all.map(({ manifest }) => {
    const points = manifest.tasks.reduce((sum, task) => sum + task.points, 0);
    return `| ${manifest.number} | [${manifest.title}](labs/${folderName(manifest)}/README.md) | ${manifest.hours} | ${points} |`;
  });
  return `# ring3: your labs

Each folder of \`labs/\` holds one lab: its README.md is the handout, its exercise.ts is what you edit.

    npx ring3 doctor          what this machine can do
    npx ring3 lab list        the labs, and how far you are
    npx ring3 lab show 1      a handout in the terminal
    npx ring3 lab watch       check while you edit
    npx ring3 lab check 1     grade one lab
    npx ring3 lab hint 1      the next hint
    npx ring3 lab measure 1   guess, then measure

| lab | title | hours | points |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** @throws UserError when there is something already. */
function claim(folder: string): void {
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new UserError(`${folder} is not empty: name a folder that is new or empty`);
    }
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${folder} cannot be made: ${(error as Error).message}`);
  }
}

function linkPackage(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(PACKAGE_ROOT, join(modules, 'ring3'));
  // A script and no link: what tsc writes is not executable.
  const start = '#!/bin/sh\nexec node "$(dirname "$0")/../ring3/dist/bundle/main.js" "$@"\n';
  writeFileSync(join(modules, '.bin', 'ring3'), start, { mode: 0o755 });
  const tsc = join(PACKAGE_ROOT, 'node_modules', '.bin', 'tsc');
  if (existsSync(tsc)) symlinkSync('../ring3/node_modules/.bin/tsc', join(modules, '.bin', 'tsc'));
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** @returns the folder, absolute. @throws UserError when it is not empty. */
export function initWorkspace(wanted: string): string {
  const folder = resolve(wanted);
  const all = labs();
  claim(folder);
  for (const { folder: source, manifest } of all) {
    const target = join(folder, 'labs', folderName(manifest));
    mkdirSync(target, { recursive: true });
    for (const name of ['README.md', 'exercise.ts', ...manifest.handout]) {
      if (existsSync(join(source, name))) copyFileSync(join(source, name), join(target, name));
    }
  }
  writeFileSync(join(folder, MARKER), json({ version: 1 }));
  writeFileSync(join(folder, 'package.json'), json(PACKAGE));
  writeFileSync(join(folder, 'tsconfig.json'), json(TSCONFIG));
  writeFileSync(join(folder, 'README.md'), readme(all));
  writeFileSync(join(folder, '.gitignore'), 'node_modules/\n.ring3/\n');
  linkPackage(folder);
  return folder;
}
