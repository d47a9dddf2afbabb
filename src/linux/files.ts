/** Reading files that somebody else may have prepared. */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LARGEST = 1 << 20;

/**
 * The text of a regular file of at most 1 MiB. A FIFO would keep us waiting for a writer, a device would never end.
 * @throws Error with one line that says why it cannot be read.
 */
export function readRegularFile(path: string, flags = 0): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | flags);
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) throw new Error(`${path} is no regular file.`);
    if (status.size > LARGEST) throw new Error(`${path} is larger than 1 MiB.`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** The same for a file of an image, none of whose links may lead out of it. */
export function readInside(root: string, path: string): string {
  const folder = realpathSync(join(root, dirname(path)));
  const top = realpathSync(root);
  if (folder !== top && !folder.startsWith(`${top === '/' ? '' : top}/`)) {
    throw new Error(`${join(root, dirname(path))} is a link out of the image.`);
  }
  return readRegularFile(join(folder, basename(path)), constants.O_NOFOLLOW);
}
