/** v2 as containers, services and ordinary users get it: a part of the tree, with rules. Inside of user-mode-linux. */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { program } from '../support/programs.ts';
import { project } from './uml.ts';

const TREE = '/sys/fs/cgroup';
const SOMEBODY = 1001;
/** An ordinary user may not reach the project's own folder, which can be root's. */
const MNT = '/mnt';

const hog = program('hog').replace(project, MNT);
const RUN_HOG = `node ${MNT}/dist/cli/main.js run --seccomp none --memory 32M -- ${hog} 64`;
const AS_SOMEBODY = `setpriv --reuid=${SOMEBODY} --regid=${SOMEBODY} --clear-groups --inh-caps=-all`;

beforeAll(() => {
  if (process.env.RING3_UML !== '1') throw new Error('runs inside of user-mode-linux only: npm run test:uml');
  expect(spawnSync('mount', ['--bind', project, MNT]).status).toBe(0);
  enable(TREE);
});

afterEach(() => {
  for (const name of readdirSync(TREE)) if (name.startsWith('box')) removeTree(`${TREE}/${name}`);
});

const enable = (path: string) => writeFileSync(`${path}/cgroup.subtree_control`, '+memory +pids +cpu');

/** A group below the root; `owner` may do with it what systemd's Delegate=yes allows. */
function makeGroup(path: string, owner?: number): string {
  mkdirSync(path);
  if (owner !== undefined) {
    for (const file of ['', '/cgroup.procs', '/cgroup.subtree_control', '/cgroup.threads'])
      chownSync(`${path}${file}`, owner, owner);
  }
  return path;
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(`${path}/${entry.name}`);
  rmdirSync(path);
}

/** A shell command that starts as a member of a group. */
function inside(member: string, command: string) {
  const script = `echo $$ >${member}/cgroup.procs && ${command}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', timeout: 50_000 });
  return { status, stdout, stderr };
}

const killedForMemory = {
  status: 137,
  stderr: expect.stringMatching(/^ring3: out of memory \(limit 32\.0 MiB/),
};
const ringGroups = (path: string) => readdirSync(path).filter((name) => /^ring3-\d/.test(name));

test('a container: the root that it sees has its processes in it, so they make room', () => {
  const box = makeGroup(`${TREE}/box`);
  const mount = `umount ${TREE} && mount -t cgroup2 none ${TREE}`;
  const ran = inside(box, `unshare --cgroup --mount sh -c '${mount} && ${RUN_HOG}'`);
  expect(ran).toMatchObject(killedForMemory);
  expect(existsSync(`${box}/ring3-settled`)).toBe(true);
  expect(readFileSync(`${box}/cgroup.subtree_control`, 'utf8')).toMatch(/memory/);
  expect(ringGroups(box)).toEqual([]);
});

test('a container with a read-only tree: one line that says so', () => {
  const box = makeGroup(`${TREE}/box`);
  const mount = `umount ${TREE} && mount -t cgroup2 -o ro none ${TREE}`;
  const { status, stderr } = inside(box, `unshare --cgroup --mount sh -c '${mount}; ${RUN_HOG}'`);
  expect({ status, stderr }).toEqual({
    status: 125,
    stderr: expect.stringMatching(/^ring3: .*mounted read-only: start the container with --privileged.*\n$/),
  });
});

test('an ordinary user in a session is told how to get a group', () => {
  const box = makeGroup(`${TREE}/box`);
  const { status, stderr } = inside(box, `exec ${AS_SOMEBODY} ${RUN_HOG}`);
  expect({ status, stderr }).toEqual({
    status: 125,
    stderr: expect.stringMatching(/^ring3: .*not writable \(EACCES\).*systemd-run --user --scope.*\n$/),
  });
});

test('an ordinary user below a service of the user’s own: groups are made beside the scope', () => {
  const service = makeGroup(`${TREE}/box`, SOMEBODY);
  enable(service);
  const scope = makeGroup(`${service}/some.scope`, SOMEBODY);
  expect(inside(scope, `exec ${AS_SOMEBODY} ${RUN_HOG}`)).toMatchObject(killedForMemory);
  expect(existsSync(`${scope}/ring3-settled`)).toBe(false);
  expect(ringGroups(service)).toEqual([]);
});

test('an ordinary user in a service with Delegate=yes: its processes make room', () => {
  const service = makeGroup(`${TREE}/box`, SOMEBODY);
  expect(inside(service, `exec ${AS_SOMEBODY} ${RUN_HOG}`)).toMatchObject(killedForMemory);
  expect(existsSync(`${service}/ring3-settled`)).toBe(true);
  expect(ringGroups(service)).toEqual([]);
});
