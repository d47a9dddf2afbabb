/** runc, which Docker and Kubernetes start containers with: an OCI bundle of the host's own programs. */
import { execFile } from 'node:child_process';
import { lstatSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PATH } from '../program.ts';
import { peer } from './peer.ts';

/** What a program of the host needs to run, in any distribution. */
const FOLDERS = ['bin', 'lib', 'lib32', 'lib64', 'sbin', 'usr'];

let bundle: { folder: string; config: Config } | undefined;
let started = 0;

interface Config {
  process: { terminal: boolean; args: string[]; env: string[] };
  root: { path: string; readonly: boolean };
  mounts: { destination: string; type?: string; source: string; options: string[] }[];
}

/** A root directory of bind mounts and symbolic links: nothing is copied. */
async function makeBundle(program: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ring3-bench-'));
  const rootless = process.geteuid!() === 0 ? [] : ['--rootless'];
  await promisify(execFile)(program, ['spec', ...rootless], { cwd: folder });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Config;
  bundle = { folder, config };
  config.process.terminal = false;
  config.process.env = [`PATH=${PATH}`];
  config.root = { path: 'rootfs', readonly: true };
  for (const name of FOLDERS) await showFolder(join(folder, 'rootfs'), name, config);
}

async function showFolder(root: string, name: string, config: Config): Promise<void> {
  const source = `/${name}`;
  const place = join(root, name);
  await mkdir(root, { recursive: true });
  const status = lstatSync(source, { throwIfNoEntry: false });
  if (status?.isSymbolicLink()) await symlink(readlinkSync(source), place);
  else if (status?.isDirectory()) {
    await mkdir(place);
    config.mounts.push({ destination: source, source, options: ['bind', 'ro', 'nosuid', 'nodev'] });
  }
}

function commandLine(program: string, argv: readonly string[]): string[] {
  if (!bundle) throw new Error('runc has no bundle: probe comes first');
  const { folder, config } = bundle;
  config.process.args = [...argv];
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const id = `ring3-bench-${process.pid}-${started++}`;
  return [program, '--root', join(folder, 'state'), 'run', '--bundle', folder, id];
}

export const runc = peer({
  name: 'runc',
  title: 'runc with its default configuration',
  prepare: makeBundle,
  command: commandLine,
  async close() {
    if (bundle) await rm(bundle.folder, { recursive: true, force: true });
    bundle = undefined;
  },
});
