/** Tasks masks and readonly. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { wrong, type Examination, type Random } from 'ring3/grade';
import { drawFolder } from './binds.ts';
import { enter, type Inside } from './enter.ts';
import { Image } from './image.ts';
import { checkAnswer } from './kernel-files.ts';
import { covering } from './mounts.ts';
import { mountedBelow } from './root.ts';

/** Of a proc: what tells of the whole machine, and what would change it. Not every kernel has every one. */
export const MASKED_IN_PROC = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/timer_list',
  '/proc/sched_debug',
  '/proc/scsi',
];
export const READ_ONLY_IN_PROC = ['/proc/sys', '/proc/irq', '/proc/sysrq-trigger'];

const READ = 'README.md#masks';

export interface Covered {
  masked: string[];
  readonlyPaths: string[];
  /** A file and a directory with a file, both to be masked; a directory to be made read-only; one that is missing. */
  file: string;
  directory: string;
  still: string;
  missing: string;
}

export function drawCovered(image: Image, random: Random): Covered {
  const path = (what: string) => `/${what}-${random.word(5)}/${random.word(5)}`;
  const [file, directory, still, missing] = [path('key'), path('keys'), path('conf'), path('nothing')];
  image.file(`${image.root}${file}`, image.token);
  image.file(`${image.root}${directory}/key`, image.token);
  image.file(`${image.root}${still}/file`, 'conf');
  return {
    masked: random.shuffle([...MASKED_IN_PROC, file, directory, missing]),
    readonlyPaths: random.shuffle([...READ_ONLY_IN_PROC, still]),
    file,
    directory,
    still,
    missing,
  };
}

export const attemptsOn = ({ file, directory, still }: Covered): string[] => [
  `read:${file}`,
  `list:${directory}`,
  `read:${directory}/key`,
  `read:${still}/file`,
  `write:${still}/file`,
  ...MASKED_IN_PROC.map((path) => `list:${path}`),
];

export function checkCovered(image: Image, inside: Inside, covered: Covered): void {
  const { file, directory, still, missing } = covered;
  const expect = (attempt: string, right: RegExp, expected: string) =>
    checkAnswer(inside, attempt, right, expected, READ);
  expect(`read:${file}`, /^ok$/, `the masked file ${file} to read as empty`);
  expect(`list:${directory}`, /^ok$/, `the masked directory ${directory} to be empty`);
  expect(`read:${directory}/key`, /^ENOENT$/, `nothing in the masked directory ${directory}`);
  expect(`read:${still}/file`, /^ok conf$/, `the read-only ${still} to be readable`);
  expect(`write:${still}/file`, /^EROFS$/, `${still} not to be writable`);
  if (existsSync(join(image.root, dirname(missing)))) {
    wrong({
      expected: `${missing} to stay missing`,
      seen: 'it was made in the image, for nothing',
      read: READ,
    });
  }
  for (const path of MASKED_IN_PROC) if (existsSync(path)) checkMaskedInProc(inside, path);
  for (const path of READ_ONLY_IN_PROC) if (existsSync(path)) checkReadOnlyInProc(inside, path);
}

/** A file is covered by a null device, a directory by an empty file system: no longer the proc. */
function checkMaskedInProc({ mounts }: Inside, path: string): void {
  const mount = covering(mounts, path);
  if (mount.point === path && mount.type !== 'proc') return;
  wrong({
    expected: `${path} to be covered`,
    seen: `it shows the ${mount.type} at ${mount.point}`,
    show: 'findmnt -N PID',
    read: READ,
  });
}

function checkReadOnlyInProc({ mounts }: Inside, path: string): void {
  const mount = covering(mounts, path);
  if (mount.options.includes('ro') && mount.type === 'proc') return;
  wrong({
    expected: `${path} of the child’s proc, read-only`,
    seen: `${mount.type} at ${mount.point} with ${mount.options.join(',')}`,
    show: 'findmnt -N PID',
    read: READ,
  });
}

export async function masks(exam: Examination): Promise<void> {
  const image = new Image(exam);
  const covered = drawCovered(image, exam.random);
  const { masked, readonlyPaths } = covered;
  const attempts = attemptsOn(covered);
  const inside = await enter(exam, image, image.spec({ masked, readonlyPaths }), { attempts });
  checkCovered(image, inside, covered);
}

export async function readonly(exam: Examination): Promise<void> {
  const read = 'README.md#a-read-only-image';
  const { random } = exam;
  const image = new Image(exam);
  const [folder, below] = [`/${random.word(6)}`, `/below-${random.word(6)}`];
  image.directory(`${image.root}${folder}`);
  const before = mountedBelow(image.directory(`${image.root}${below}`), image.token);
  const places = [folder, below, '/bin'];
  // Not of the image: what is bound in without `ro` stays writable.
  const { bind } = drawFolder(image, random, { recursive: false, attributes: [] });
  const inside = await enter(exam, image, image.spec({ readonly: true, binds: [bind] }), {
    before,
    attempts: [...places, bind.target].map((place) => `write:${place}/new`),
  });
  for (const place of places) {
    checkAnswer(
      inside,
      `write:${place}/new`,
      /^EROFS$/,
      `${place} of a read-only image not to be writable`,
      read,
    );
  }
  checkAnswer(
    inside,
    `write:${bind.target}/new`,
    /^ok$/,
    `the bind ${bind.target}, without ro, to be writable`,
    read,
  );
}
