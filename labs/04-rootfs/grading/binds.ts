/** Tasks binds and links. */
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { StepInput } from 'ring3';
import { wrong, type Examination, type Random } from 'ring3/grade';
import type { Bind, MountAttribute } from '../exercise.ts';
import { enter, type Inside } from './enter.ts';
import { Image } from './image.ts';
import { checkAnswer } from './kernel-files.ts';
import { covering, isBelow, type Mount } from './mounts.ts';
import { mountedBelow } from './root.ts';

const READ = 'README.md#binds';

export interface Scenery {
  bind: Bind;
  token: string;
  /** Of the file system that is mounted below the source. */
  tokenBelow: string;
  before: StepInput[];
}

/** A directory of the host with a file in it, and with another file system mounted below it. */
export function drawFolder(
  image: Image,
  random: Random,
  fixed: Pick<Bind, 'recursive' | 'attributes'>,
): Scenery {
  const source = image.directory(join(image.host, `folder-${random.word(6)}`));
  const [token, tokenBelow] = [random.word(10), random.word(10)];
  image.file(join(source, 'token'), token);
  const below = image.directory(join(source, 'below'));
  const target = random.chance(0.5) ? `/${random.word(6)}` : `/${random.word(5)}/${random.word(5)}`;
  const bind: Bind = { source, target, kind: 'directory', ...fixed };
  return { bind, token, tokenBelow, before: mountedBelow(below, tokenBelow) };
}

/** A device of the host: with `nodev` it can be seen and not be opened. */
export function drawDevice(random: Random): Bind {
  const source = random.pick(['/dev/zero', '/dev/urandom']);
  const target = `/${random.word(6)}/${random.word(5)}`;
  return { source, target, kind: 'file', recursive: false, attributes: ['nosuid', 'nodev'] };
}

const at = ({ bind }: Scenery, verb: string, path: string) => `${verb}:${bind.target}/${path}`;

export async function binds(exam: Examination): Promise<void> {
  const { random } = exam;
  const image = new Image(exam);
  const draw = (recursive: boolean, attributes: MountAttribute[]) =>
    drawFolder(image, random, { recursive, attributes: random.shuffle(attributes) });
  const sealed = draw(true, ['ro', 'nosuid', 'nodev', 'noexec']);
  const open = draw(true, ['nosuid', 'nodev']);
  const alone = draw(false, ['ro', 'noexec']);
  const scenes = random.shuffle([sealed, open, alone]);
  const device = drawDevice(random);

  const attempts = scenes.flatMap((scene) => [
    at(scene, 'read', 'token'),
    at(scene, 'read', 'below/token'),
    at(scene, 'write', 'new'),
    at(scene, 'write', 'below/new'),
  ]);
  const inside = await enter(
    exam,
    image,
    image.spec({ binds: [...scenes.map(({ bind }) => bind), device] }),
    {
      before: scenes.flatMap(({ before }) => before),
      attempts: [...attempts, `open:${device.target}`],
    },
  );

  for (const scene of scenes) {
    checkMounts(inside, scene.bind);
    checkContent(inside, scene);
  }
  checkMounts(inside, device);
  checkAnswer(
    inside,
    `open:${device.target}`,
    /^EACCES$/,
    `the device ${device.target} not to open under nodev`,
    READ,
  );
}

export function checkMounts({ mounts }: Inside, { source, target, recursive, attributes }: Bind): void {
  const top = covering(mounts, target);
  if (top.point !== target)
    wrong({ expected: `${source} bound at ${target}`, seen: 'no mount there', read: READ });
  const below = mounts.filter(({ point }) => point !== target && isBelow(point, target));
  if (!recursive && below.length > 0) {
    wrong({
      expected: `${source} without what is mounted below it`,
      seen: `a mount at ${below[0]?.point}`,
      read: READ,
    });
  }
  for (const mount of [top, ...below]) checkOptions(mount, attributes);
}

function checkOptions(mount: Mount, attributes: MountAttribute[]): void {
  const missing = attributes.find((attribute) => !mount.options.includes(attribute));
  // nosuid and nodev may come from the host's own mount; these two would be a favour that nobody asked for.
  const extra = (['ro', 'noexec'] as const).find(
    (attribute) => mount.options.includes(attribute) && !attributes.includes(attribute),
  );
  if (!missing && !extra) return;
  wrong({
    expected: `${attributes.join(', ')} at ${mount.point}${extra ? `, and not ${extra}` : ''}`,
    seen: mount.options.join(','),
    show: 'findmnt -N PID -o TARGET,OPTIONS',
    read: READ,
  });
}

export function checkContent(inside: Inside, { bind, token, tokenBelow }: Scenery): void {
  const { target, recursive, attributes } = bind;
  const expect = (attempt: string, right: RegExp, expected: string) =>
    checkAnswer(inside, attempt, right, expected, READ);
  expect(`read:${target}/token`, new RegExp(`^ok ${token}$`), `the folder's file at ${target}/token`);
  const below = recursive ? new RegExp(`^ok ${tokenBelow}$`) : /^ENOENT$/;
  expect(
    `read:${target}/below/token`,
    below,
    recursive ? 'what is mounted below too' : 'nothing mounted below',
  );
  if (attributes.includes('ro')) {
    expect(`write:${target}/new`, /^EROFS$/, `${target} read-only`);
    expect(`write:${target}/below/new`, /^EROFS$/, `${target}/below read-only too`);
  } else {
    expect(`write:${target}/new`, /^ok$/, `${target} writable`);
    if (recursive) expect(`write:${target}/below/new`, /^ok$/, `${target}/below writable too`);
  }
}

/** A link of the image to a place of the host. Inside, the same absolute path is a directory of the image. */
export function drawLink(image: Image, random: Random): { link: string; outside: string } {
  const link = `/${random.word(6)}`;
  const outside = image.directory(join(image.host, `outside-${random.word(6)}`));
  image.directory(join(image.root, outside));
  symlinkSync(outside, join(image.root, link));
  return { link, outside };
}

export async function links(exam: Examination): Promise<void> {
  const { random } = exam;
  const image = new Image(exam);
  const { link, outside } = drawLink(image, random);
  const { bind, token } = drawFolder(image, random, { recursive: false, attributes: ['nosuid'] });
  const name = random.word(5);
  const through: Bind = { ...bind, target: `${link}/${name}` };
  const attempt = `read:${outside}/${name}/token`;
  const inside = await enter(exam, image, image.spec({ binds: [through] }), { attempts: [attempt] });
  const litter = readdirSync(outside);
  if (litter.length > 0) {
    wrong({
      expected: `nothing made on the host by way of the image's link ${link} -> ${outside}`,
      seen: `${litter.join(', ')} in the host's ${outside}`,
      show: `ls -l IMAGE${link}`,
      read: 'README.md#links-that-lead-out',
    });
  }
  checkAnswer(
    inside,
    attempt,
    new RegExp(`^ok ${token}$`),
    `the bind to land where ${link} leads inside: ${outside}/${name}`,
    'README.md#links-that-lead-out',
  );
}
