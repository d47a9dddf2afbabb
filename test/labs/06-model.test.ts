/**
 * Lab 06 is graded on a model of the kernel: here the kernel itself is asked whether the model is right. The same ops,
 * one after the other, must be refused with the same errors. v1 or v2, whichever this host has; test/uml has the other.
 */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { expect, test, type TestContext } from 'vitest';
import type { CgroupOp, Host, HostV1, HostV2 } from '../../labs/06-cgroups/exercise.ts';
import { thisHost } from '../../labs/06-cgroups/grading/host.ts';
import { kernelOf } from '../../labs/06-cgroups/model/hosts.ts';
import { Refused, type CgroupKernel } from '../../labs/06-cgroups/model/kernel.ts';

type Trial = CgroupOp;

const create = (path: string): Trial => ({ op: 'create', path });
const write = (path: string, value: string | number): Trial => ({ op: 'write', path, value: String(value) });
const remove = (path: string): Trial => ({ op: 'remove', path });
const enter = (path: string): Trial => ({ op: 'join', path });

const directoryTrials = (base: string): Trial[] => [
  create(`${base}/a`),
  create(`${base}/a`),
  create(`${base}/nobody/a`),
  create(`${base}/a/below`),
  remove(`${base}/a`),
  remove(`${base}/a/below`),
  remove(`${base}/nobody`),
  remove(`${base}/a/cgroup.procs`),
  write(`${base}/nobody/cgroup.procs`, 1),
  write(`${base}/a/no.such.file`, 1),
  write(`${base}/a/cgroup.procs`, '12 13'),
  write(`${base}/a/cgroup.procs`, '12\n13'),
  write(`${base}/a/cgroup.procs`, 'max'),
  write(`${base}/a/cgroup.procs`, 4_194_303),
  enter(`${base}/a`),
  remove(`${base}/a`),
];

const MIB = 1024 * 1024;

function memoryTrials({ bases, swap }: HostV1): Trial[] {
  const group = `${bases.memory}/m`;
  const both = swap ? (value: number) => [write(`${group}/memory.memsw.limit_in_bytes`, value)] : () => [];
  const alone = (value: string | number) => write(`${group}/memory.limit_in_bytes`, value);
  return [
    create(group),
    ...both(8 * MIB),
    alone(8 * MIB),
    ...both(4 * MIB),
    ...both(8 * MIB),
    alone(16 * MIB),
    ...both(32 * MIB),
    alone('16M'),
    alone('sixteen'),
    alone('max'),
    alone(-1),
    write(`${group}/memory.max`, MIB),
  ];
}

function v1Trials(host: HostV1): Trial[] {
  const { pids, cpu, freezer } = host.bases;
  return [
    ...directoryTrials(pids),
    ...memoryTrials(host),
    ...['abc', '10', 'max', '-2', '0'].map((value) => write(`${pids}/a/pids.max`, value)),
    create(`${cpu}/c`),
    ...['500', '1000', '-1', 'max'].map((value) => write(`${cpu}/c/cpu.cfs_quota_us`, value)),
    ...['10', '2000000', '50000'].map((value) => write(`${cpu}/c/cpu.cfs_period_us`, value)),
    write(`${cpu}/c/pids.max`, 3),
    create(`${freezer}/f`),
    ...['1', 'FROZEN', 'THAWED', 'frozen'].map((value) => write(`${freezer}/f/freezer.state`, value)),
  ];
}

function v2Trials({ base }: HostV2): Trial[] {
  const group = `${base}/g`;
  return [
    ...directoryTrials(base),
    create(group),
    write(`${group}/pids.max`, 5),
    write(`${base}/cgroup.subtree_control`, '+nonsense'),
    write(`${base}/cgroup.subtree_control`, '+freezer'),
    write(`${base}/cgroup.subtree_control`, '+memory +pids +cpu'),
    write(`${base}/cgroup.controllers`, 'memory'),
    ...['5', 'max', '-1', 'abc'].map((value) => write(`${group}/pids.max`, value)),
    ...['1048576', '1M', 'max', '-1', 'abc'].map((value) => write(`${group}/memory.max`, value)),
    ...['2', '0', '1'].map((value) => write(`${group}/memory.oom.group`, value)),
    ...['500 100000', '5000', 'max', '5000 50000', '5000 10', '5000 50000 1'].map((value) =>
      write(`${group}/cpu.max`, value),
    ),
    ...['2', '1', '0'].map((value) => write(`${group}/cgroup.freeze`, value)),
    write(`${group}/cgroup.subtree_control`, '+pids'),
    enter(group),
    write(`${group}/cgroup.subtree_control`, '-pids'),
    enter(group),
    write(`${group}/cgroup.subtree_control`, '+pids'),
    enter(base),
    create(`${base}/h`),
    enter(`${base}/h`),
    write(`${base}/h/cgroup.subtree_control`, '+pids'),
    create(`${base}/h/below`),
    enter(`${base}/h/below`),
    write(`${base}/h/cgroup.subtree_control`, '+memory'),
    enter(group),
    write(`${base}/h/cgroup.subtree_control`, '+memory'),
    enter(`${base}/h/below`),
    write(`${base}/h/cgroup.subtree_control`, '+cpu'),
    enter(`${base}/h`),
    write(`${base}/h/cgroup.kill`, 0),
    write(`${base}/h/cgroup.kill`, 2),
    write(`${base}/h/below/cgroup.freeze`, 'x'),
    write(`${group}/memory.limit_in_bytes`, MIB),
  ];
}

/** '' or the name of the error. */
function onModel(kernel: CgroupKernel, trial: Trial): string {
  try {
    kernel.apply(trial);
    return '';
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

function onHost(trial: Trial, pid: number): string {
  try {
    if (trial.op === 'create') mkdirSync(trial.path);
    else if (trial.op === 'remove') rmdirSync(trial.path);
    else if (trial.op === 'write') writeFileSync(trial.path, trial.value, { flag: 'r+' });
    else if (trial.op === 'join') writeFileSync(`${trial.path}/cgroup.procs`, String(pid));
    return '';
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    // One number, two names; the kernel's source says EOPNOTSUPP.
    return code === 'ENOTSUP' ? 'EOPNOTSUPP' : code;
  }
}

function hostOf(context: TestContext, cleanUps: (() => unknown)[]): Host {
  return thisHost(
    (cleanUp) => cleanUps.push(cleanUp),
    (probe, reason) => context.skip(`needs ${probe}: ${reason}`),
  );
}

test('the model refuses what the kernel refuses, with the same error', async (context) => {
  const cleanUps: (() => unknown)[] = [];
  const sleeper: ChildProcess = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const host = hostOf(context, cleanUps);
    const kernel = kernelOf(host);
    const trials = host.version === 1 ? v1Trials(host) : v2Trials(host);
    const outcomes = trials.map((trial) => ({
      trial: JSON.stringify(trial),
      model: onModel(kernel, trial),
      kernel: onHost(trial, sleeper.pid as number),
    }));
    expect(outcomes.filter(({ model, kernel: real }) => model !== real)).toEqual([]);
    expect(outcomes.filter(({ kernel: real }) => real !== '').length).toBeGreaterThan(10);
  } finally {
    sleeper.kill('SIGKILL');
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
});
