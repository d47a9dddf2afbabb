/** Reading files that somebody else may have prepared. */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LARGEST = 1 << 20;

/**
 * A regular file of at most 1 MiB. A FIFO would keep us waiting for a writer, a device would never end.
 * @throws Error that says in a few words what the file is; with `code` where it cannot be opened.
 */
export function readRegularFile(path: string, flags = 0): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | flags);
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) throw new Error('it is no regular file');
    if (status.size > LARGEST) throw new Error('it is larger than 1 MiB');
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same for a file of an image, none of whose links may lead out of it. */
export function readInside(root: string, path: string): Buffer {
  const folder = realpathSync(join(root, dirname(path)));
  const top = realpathSync(root);
  if (folder !== top && !folder.startsWith(`${top === '/' ? '' : top}/`)) {
    throw new Error('it lies behind a link out of the image');
  }
  return readRegularFile(join(folder, basename(path)), constants.O_NOFOLLOW);
}
