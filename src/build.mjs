// From an empty clone to a built project: dependencies, native part, JavaScript. Plain JavaScript, because it runs
// before anything is installed; each part is made again only when what it is made from has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

function fail(line) {
  console.error(`ring3: ${line}`);
  process.exit(1);
}

/** Runs a command; its output is shown only when it fails, or at once with RING3_VERBOSE=1. */
function run(command, args, advice, env = {}) {
  const verbose = process.env.RING3_VERBOSE === '1';
  const done = spawnSync(command, args, {
    stdio: ['ignore', verbose ? 'inherit' : 'pipe', verbose ? 'inherit' : 'pipe'],
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  if (done.status === 0) return;
  if (!verbose) process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`);
  fail(
    `\`${command} ${args.join(' ')}\` ${done.error ? done.error.message : `ended with ${done.status ?? done.signal}`}. ${advice}`,
  );
}

function* files(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort()) yield* files(join(path, name));
}

function fingerprint(...paths) {
  const hash = createHash('sha256').update(process.arch);
  for (const path of paths) {
    for (const file of files(path)) hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Does a part unless the stamp that it left last time still fits. */
function part(name, made, inputs, action) {
  const stamp = join(root, 'node_modules', '.ring3', name);
  const now = fingerprint(...inputs);
  if (existsSync(made) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  const start = Date.now();
  process.stderr.write(`ring3: ${name} …`);
  if (!process.stderr.isTTY) process.stderr.write('\n');
  action();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}ring3: ${name}, ${((Date.now() - start) / 1000).toFixed(1)} s\n`,
  );
}

function need(command, advice) {
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error) fail(`${command} is missing. ${advice}`);
}

const COMPILER =
  'Install a compiler: `apt-get install build-essential python3` (Debian, Ubuntu), or ' +
  '`dnf install gcc-c++ make python3 glibc-static libstdc++-static` (Fedora).';

function checkHost() {
  if (process.platform !== 'linux') {
    fail(
      'ring3 needs a Linux kernel. On macOS: `brew install lima && limactl start --name ring3 template://debian-13`, then work inside `limactl shell ring3`.',
    );
  }
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node ${process.versions.node} is too old: ring3 needs Node 20 or newer (https://nodejs.org).`);
  }
}

/** Node's own headers, where they are installed beside it: the build then needs no download. */
function headers() {
  if (process.env.npm_config_nodedir) return {};
  const prefix = join(dirname(process.execPath), '..');
  const found = [prefix, '/usr', '/usr/local'].find((place) => {
    const version = join(place, 'include', 'node', 'node_version.h');
    return (
      existsSync(version) &&
      readFileSync(version, 'utf8').includes(`NODE_MAJOR_VERSION ${process.versions.node.split('.')[0]}\n`)
    );
  });
  return found ? { npm_config_nodedir: found } : {};
}

function buildNative() {
  for (const command of ['g++', 'make', 'python3']) need(command, COMPILER);
  run(process.execPath, ['node_modules/node-gyp/bin/node-gyp.js', 'configure', 'build'], COMPILER, headers());
}

/** The small C guests of doctor, labs, tests and benches: static, so that they run in any root. */
function buildPrograms(folder) {
  const sources = [...files('native/programs')].filter((file) => /^native\/programs\/[^/]+\.c$/.test(file));
  mkdirSync(folder, { recursive: true });
  for (const source of sources) {
    const target = join(folder, source.replace(/^.*\/|\.c$/g, ''));
    run(
      process.env.CC ?? 'cc',
      ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-pthread', '-static', source, '-o', target],
      COMPILER,
    );
  }
}

/** What prebuildify puts beside the addon (`npm run prebuild:…`): the helpers, for the architecture of $CC. */
function buildArtifacts() {
  buildPrograms('build/artifacts');
  // Stub and vDSO are written for some architectures only.
  for (const helper of ['ring3-shim', 'ring3-stub', 'ring3-vdso'].filter((name) =>
    existsSync(`build/Release/${name}`),
  )) {
    copyFileSync(`build/Release/${helper}`, `build/artifacts/${helper}`);
  }
}

function main() {
  if (process.argv[2] === 'artifacts') return buildArtifacts();
  checkHost();
  part('install', 'node_modules/zod', ['package-lock.json'], () =>
    run('npm', ['ci', '--ignore-scripts'], 'Is the npm registry reachable?'),
  );
  // All but the guests' programs, which are made by themselves: a list of files would miss the next one.
  const native = [
    'binding.gyp',
    ...readdirSync('native')
      .filter((name) => name !== 'programs')
      .map((name) => `native/${name}`),
  ];
  part('native', 'build/Release/ring3.node', native, buildNative);
  part('programs', 'build/Release/probe', ['native/programs', 'build/Release/ring3-shim'], () =>
    buildPrograms('build/Release'),
  );
  part('compile', 'dist/cli/main.js', ['src', 'tsconfig.json', 'tsconfig.build.json'], () =>
    run(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
      'See the errors above.',
    ),
  );
  part('bundle', 'dist/bundle/main.js', ['src', 'package-lock.json'], () => {
    rmSync('dist/bundle', { recursive: true, force: true });
    run(process.execPath, ['src/bundle.mjs'], 'See the errors above.');
  });
}

main();
