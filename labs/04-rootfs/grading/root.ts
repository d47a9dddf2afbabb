/** Tasks propagation and pivot. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StepInput } from 'ring3';
import { wrong, type Examination } from 'ring3/grade';
import { enter, type Inside } from './enter.ts';
import { Image } from './image.ts';
import { isBelow, type Mount } from './mounts.ts';

/** A file system of the image's own, mounted below it before the submission's first step, with a file in it. */
export function mountedBelow(folder: string, token: string): StepInput[] {
  return [
    { step: 'mount', type: 'tmpfs', target: folder, attributes: ['nodev'], options: 'size=64k' },
    { step: 'file', path: `${folder}/token`, content: token },
  ];
}

export async function propagation(exam: Examination): Promise<void> {
  const image = new Image(exam);
  const below = image.directory(join(image.root, `below-${exam.random.word(6)}`));
  const { mounts } = await enter(exam, image, image.spec(), {
    before: mountedBelow(below, image.token),
    attempts: [],
  });
  const tied = mounts.find((mount) => mount.propagation.length > 0);
  if (!tied) return;
  wrong({
    expected: 'no mount of the child tied to another one: neither shared nor master',
    seen: `${tied.point} is ${tied.propagation.join(' ')}`,
    show: 'findmnt -o TARGET,PROPAGATION -N PID',
    read: 'README.md#propagation',
  });
}

/** How one gets from a chroot, a kept directory or a forgotten mount back to the host's files. */
export function waysOut({ secret }: Image): string[] {
  return [
    `read:${secret}`,
    `climb:${secret.slice(1)}`,
    `fds:${secret.slice(1)}`,
    `chroot:/bin:${secret}`,
    `user:chroot:/bin:${secret}`,
  ];
}

export function checkNoWayOut(image: Image, inside: Inside): void {
  for (const [attempt, answer] of inside.answers) {
    if (!answer.includes(image.token)) continue;
    wrong({
      expected: 'the host’s files out of reach',
      seen: `the program inside read ${image.secret} by the attempt ${attempt}`,
      show: `unshare -Ur chroot IMAGE /bin/breakout ${attempt}`,
      read: 'README.md#why-chroot-is-no-wall',
    });
  }
}

/** Through every mount of the child, as its own processes could: nothing of the host may be there. */
export function checkOldRoot(image: Image): (pid: number, mounts: Mount[]) => void {
  return (pid, mounts) => {
    const found = mounts.find(({ point }) => existsSync(join(`/proc/${pid}/root`, point, image.secret)));
    if (!found) return;
    wrong({
      expected: 'the old root gone',
      seen: `it is still mounted at ${found.point}`,
      show: 'findmnt -N PID',
      read: 'README.md#pivot_root',
    });
  };
}

/** Mounts below these places are the submission's business; any other one is left over. */
export function checkLeftOver(mounts: readonly Mount[], expected: readonly string[]): void {
  const places = ['/proc', '/dev', ...expected];
  const extra = mounts.find(({ point }) => point !== '/' && !places.some((place) => isBelow(point, place)));
  if (!extra) return;
  wrong({
    expected: `mounts at / and below ${places.join(', ')} only`,
    seen: `${extra.type} at ${extra.point}`,
    show: 'findmnt -N PID',
    read: 'README.md#pivot_root',
  });
}

export async function pivot(exam: Examination): Promise<void> {
  const image = new Image(exam);
  const workdir = `/home/${exam.random.word(6)}`;
  image.directory(`${image.root}${workdir}`);
  const below = `/below-${exam.random.word(6)}`;
  const token = exam.random.word(10);
  const before = mountedBelow(image.directory(`${image.root}${below}`), token);
  const look = checkOldRoot(image);
  const attempts = [`read:${below}/token`, 'cwd:', ...waysOut(image)];
  const inside = await enter(exam, image, image.spec({ workdir }), { before, attempts, look });

  if (inside.root !== '/') {
    wrong({
      expected: 'the image to be the root of the child’s mount namespace',
      seen: `/proc/PID/root says ${inside.root}: only path look-up begins there, and the host’s mounts are all there still`,
      show: 'readlink /proc/PID/root',
      read: 'README.md#why-chroot-is-no-wall',
    });
  }
  checkNoWayOut(image, inside);
  checkLeftOver(inside.mounts, [below]);
  if (inside.answers.get(`read:${below}/token`) !== `ok ${token}`) {
    wrong({
      expected: `the image with what is mounted in it: a file system at ${below}`,
      seen: `${inside.answers.get(`read:${below}/token`)} when its file is read`,
      read: 'README.md#pivot_root',
    });
  }
  if (inside.answers.get('cwd:') !== `ok ${workdir}`) {
    wrong({
      expected: `the working directory ${workdir}`,
      seen: `getcwd(2) says ${inside.answers.get('cwd:')}`,
      show: 'readlink /proc/PID/cwd',
      read: 'README.md#pivot_root',
    });
  }
}
