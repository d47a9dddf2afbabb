/** Task siege: a full specification, and everything that the attacker knows. */
import { wrong, type Examination } from 'ring3/grade';
import type { Bind } from '../exercise.ts';
import { checkContent, checkMounts, drawDevice, drawFolder } from './binds.ts';
import { attemptsOn, checkCovered, drawCovered } from './covers.ts';
import { enter } from './enter.ts';
import { Image } from './image.ts';
import { checkLeftOver, checkNoWayOut, checkOldRoot, mountedBelow, waysOut } from './root.ts';

const READ = 'README.md#the-siege';

export async function siege(exam: Examination): Promise<void> {
  const { random } = exam;
  const image = new Image(exam);
  const below = `/below-${random.word(6)}`;
  const covered = drawCovered(image, random);
  const sealed = drawFolder(image, random, {
    recursive: true,
    attributes: ['ro', 'nosuid', 'nodev', 'noexec'],
  });
  const open = drawFolder(image, random, { recursive: true, attributes: ['nosuid', 'nodev'] });
  const device = drawDevice(random);
  // In the bound folder, a file that the child must not see: it can be covered only when the folder is there.
  image.file(`${open.bind.source}/private`, image.token);
  const hidden = `${open.bind.target}/private`;
  const binds: Bind[] = [sealed.bind, open.bind, device];
  const workdir = open.bind.target;

  const { masked, readonlyPaths } = covered;
  const spec = image.spec({ readonly: true, binds, masked: [...masked, hidden], readonlyPaths, workdir });
  const before = [
    ...mountedBelow(image.directory(`${image.root}${below}`), random.word(10)),
    ...sealed.before,
    ...open.before,
  ];
  const content = [sealed, open].flatMap(({ bind: { target } }) =>
    ['read', 'write'].flatMap((verb) =>
      ['token', 'below/token', 'new', 'below/new'].map((name) => `${verb}:${target}/${name}`),
    ),
  );
  const assaults = [
    `write:${below}/new`,
    'write:/bin/new',
    `mknod:${workdir}/node`,
    'mknod:/dev/node',
    `open:${device.target}`,
    `read:${hidden}`,
    ...['/', '/proc/sys', '/proc/kcore', covered.directory].map((path) => `unmount:${path}`),
    ...['/', '/proc/sys', covered.still, sealed.bind.target].map((path) => `remount:${path}`),
    // As root of a user namespace of one's own, mounts can be changed: those that one made oneself.
    ...['/proc/kcore', covered.directory].map((path) => `user:unmount:${path}`),
    ...['/', sealed.bind.target].map((path) => `user:remount:${path}`),
    'proc:/bin',
    'user:proc:/bin',
  ];
  const inside = await enter(exam, image, spec, {
    before,
    attempts: [...waysOut(image), ...attemptsOn(covered), ...content, ...assaults],
    look: checkOldRoot(image),
  });

  checkNoWayOut(image, inside);
  const expected = [below, ...binds.map(({ target }) => target), ...masked, ...readonlyPaths];
  checkLeftOver(inside.mounts, expected);
  checkCovered(image, inside, covered);
  for (const { bind } of [sealed, open]) checkMountsOf(inside, bind, hidden);
  checkContent(inside, sealed);
  checkContent(inside, open);
  for (const attempt of assaults) {
    const answer = inside.answers.get(attempt) ?? '';
    const harmless = attempt.startsWith('read:') ? 'ok' : '';
    if (answer === harmless || !/^(ok|died)/.test(answer)) continue;
    wrong({ expected: `the attempt ${attempt} to fail`, seen: answer, read: READ });
  }
}

/** The cover over `hidden` is a mount below the bind, with attributes of its own. */
function checkMountsOf(inside: Parameters<typeof checkMounts>[0], bind: Bind, hidden: string): void {
  checkMounts({ ...inside, mounts: inside.mounts.filter(({ point }) => point !== hidden) }, bind);
}
