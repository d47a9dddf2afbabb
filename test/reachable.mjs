// Runs a script of Node's from a place that every user of the tests can reach: reachable.mjs SCRIPT ARGUMENT…
//
// As root, many tests act as an ordinary user too, or cover /tmp in a world of their own; a clone in root's home or in a
// temporary folder is then out of reach. So it is shown at /mnt, in a mount namespace that ends with the tests; through
// an overlay, because the clone's own folder may be closed to others (mktemp -d makes it so).
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const command = [process.execPath, ...process.argv.slice(2)];

/** May others pass through every folder on the way? */
function isOpen(path) {
  const open = (statSync(path).mode & 0o001) !== 0;
  return open && (path === '/' || isOpen(dirname(path)));
}

const hidden = /^\/(home|root|run|tmp|var\/tmp)\//.test(`${project}/`);
const elsewhere = process.getuid() === 0 && (hidden || !isOpen(project));
const show = `mount -t tmpfs -o mode=755 tests /mnt && mkdir /mnt/upper /mnt/work &&
  mount -t overlay -o "lowerdir=$0,upperdir=/mnt/upper,workdir=/mnt/work" tests /mnt && cd /mnt && exec "$@"`;
const [file, ...args] = elsewhere ? ['unshare', '--mount', 'sh', '-c', show, project, ...command] : command;
const { status, signal, error } = spawnSync(file, args, { cwd: project, stdio: 'inherit' });
if (error) console.error(`ring3: ${file} cannot be started: ${error.message}`);
if (signal) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
