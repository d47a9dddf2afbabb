/** Tasks proc and dev. */
import { rmSync } from 'node:fs';
import { wrong, type Examination } from 'ring3/grade';
import type { MountAttribute } from '../exercise.ts';
import { enter, type Inside } from './enter.ts';
import { Image } from './image.ts';
import { covering, readMounts, type Mount } from './mounts.ts';

/** A file system of this type that the host has not got: made for the child. */
function checkFresh(mounts: readonly Mount[], path: string, type: string, read: string): Mount {
  const mount = covering(mounts, path);
  const show = 'findmnt -N PID -o TARGET,FSTYPE,MAJ:MIN,OPTIONS';
  if (mount.point !== path || mount.type !== type || mount.root !== '/') {
    wrong({
      expected: `a ${type} at ${path}`,
      seen: `${path} shows ${mount.root} of the ${mount.type} at ${mount.point}`,
      show,
      read,
    });
  }
  if (readMounts('self').some(({ device, type: other }) => other === type && device === mount.device)) {
    wrong({
      expected: `a ${type} of the child’s own at ${path}`,
      seen: `the host’s (${mount.device})`,
      show,
      read,
    });
  }
  return mount;
}

function checkAttributes(mount: Mount, wanted: MountAttribute[], read: string): void {
  const missing = wanted.filter((attribute) => !mount.options.includes(attribute));
  if (missing.length === 0) return;
  wrong({
    expected: `${wanted.join(', ')} on ${mount.point}`,
    seen: `${mount.options.join(',')}, without ${missing.join(' and ')}`,
    show: 'findmnt -N PID',
    read,
  });
}

export async function proc(exam: Examination): Promise<void> {
  const read = 'README.md#proc';
  const image = new Image(exam);
  const { mounts, answers } = await enter(exam, image, image.spec(), { attempts: ['list:/proc'] });
  const mount = checkFresh(mounts, '/proc', 'proc', read);
  checkAttributes(mount, ['nosuid', 'nodev', 'noexec'], read);
  const pids = (answers.get('list:/proc') ?? '').split(' ').filter((name) => /^\d+$/.test(name));
  // The program itself and the process that makes the attempt.
  if (pids.length !== 2 || !pids.includes('1')) {
    wrong({
      expected: 'two processes in /proc, 1 among them',
      seen: `${pids.length}: ${pids.slice(0, 8).join(' ')}`,
      read,
    });
  }
}

const DEV = 'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero';

export async function dev(exam: Examination): Promise<void> {
  const read = 'README.md#dev';
  const image = new Image(exam);
  const attempts = [
    'list:/dev',
    'list:/dev/pts',
    'pty:',
    'write:/dev/null',
    'read:/dev/zero',
    'write:/dev/full',
  ];
  const note = `/dev/shm/ring3-${exam.random.word(8)}`;
  const more = ['open:/dev/random', 'open:/dev/urandom', 'open:/dev/tty', `write:${note}`, 'list:/dev/fd'];
  // Where the child was given the host's /dev, it has written there.
  exam.defer(() => rmSync(note, { force: true }));
  const inside = await enter(exam, image, image.spec(), { attempts: [...attempts, ...more] });
  const { mounts } = inside;

  checkAttributes(checkFresh(mounts, '/dev', 'tmpfs', read), ['nosuid'], read);
  checkAttributes(checkFresh(mounts, '/dev/pts', 'devpts', read), ['nosuid', 'noexec'], read);
  checkAttributes(checkFresh(mounts, '/dev/shm', 'tmpfs', read), ['nosuid', 'nodev', 'noexec'], read);
  const expect = (attempt: string, right: RegExp, expected: string) =>
    checkAnswer(inside, attempt, right, expected, read);
  expect('list:/dev', new RegExp(`^ok ${DEV}$`), `exactly ${DEV}`);
  expect('list:/dev/pts', /^ok ptmx$/, 'no terminals of others');
  expect('pty:', /^ok \/dev\/pts\/0$/, 'a new terminal, /dev/pts/0, through /dev/ptmx');
  expect('write:/dev/null', /^ok$/, '/dev/null to swallow a byte');
  expect('read:/dev/zero', /^ok 0{200}$/, '/dev/zero to give zeros');
  expect('write:/dev/full', /^ENOSPC$/, '/dev/full to be full (ENOSPC)');
  expect('open:/dev/random', /^ok$/, '/dev/random to open');
  expect('open:/dev/urandom', /^ok$/, '/dev/urandom to open');
  expect('open:/dev/tty', /^(ok|ENXIO)$/, '/dev/tty to be the device of whoever opens it (ENXIO: has none)');
  expect(`write:${note}`, /^ok$/, '/dev/shm to be writable');
  expect('list:/dev/fd', /^ok 0 1 2 /, '/dev/fd to lead to the descriptors of whoever asks, through /proc');
}

export function checkAnswer(
  { answers }: Inside,
  attempt: string,
  right: RegExp,
  expected: string,
  read: string,
): void {
  const answer = answers.get(attempt) ?? '';
  if (!right.test(answer)) wrong({ expected, seen: `${answer} for ${attempt}`, read });
}
