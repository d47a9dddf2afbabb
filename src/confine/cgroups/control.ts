/** What is done to a living group as a whole: stop it, continue it, end it, remove it. */
import { rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CgroupError } from './error.ts';
import { foldersOf, locate, processesOf, subtree, type Group } from './group.ts';
import type { CgroupHost } from './host.ts';
import { thisMachine } from './view.ts';

/** How long a group may take to obey; a process in an uninterruptible sleep does not until it wakes. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 5;

/**
 * Stop every process of the group, including those being born. Resolves when all have stopped.
 * Needs a v2 group or the v1 freezer (`freeze` in Limits); throws CgroupError otherwise.
 */
export async function freeze(host: CgroupHost, name: string): Promise<void> {
  await setFrozen(locate(host, name), true, name);
}

export async function thaw(host: CgroupHost, name: string): Promise<void> {
  await setFrozen(locate(host, name), false, name);
}

/** End every process of the group, and resolve when all are gone. */
export async function kill(host: CgroupHost, name: string): Promise<void> {
  await killGroup(locate(host, name), name);
}

/** Remove the group's directories, and what was created below them. What still has processes is waited for. */
export async function remove(host: CgroupHost, name: string): Promise<void> {
  for (const folder of foldersOf(locate(host, name))) await removeFolder(folder);
}

export async function killGroup(group: Group, name: string): Promise<void> {
  const folders = foldersOf(group);
  const deadline = Date.now() + PATIENCE_MS;
  while (processesOf(folders).length > 0) {
    if (Date.now() > deadline) throw new CgroupError(`processes of ${name} do not die`, 'try again');
    // Kills members and newborns in one go, and frozen ones too (Linux 5.14).
    if (group.v2 === undefined || !tryWrite(`${group.v2}/cgroup.kill`, '1')) await signalAll(group, folders);
    await sleep(PAUSE_MS);
  }
}

export async function removeFolder(folder: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (const each of subtree(folder)) {
    while (!tryRemove(each)) {
      // EBUSY also just after the last process has gone: the kernel lets go of its group a moment later.
      if (Date.now() > deadline) {
        const pids = processesOf([each]).join(' ');
        throw new CgroupError(
          `cannot remove ${each}`,
          pids ? `it holds the processes ${pids}` : 'try again later',
        );
      }
      await sleep(PAUSE_MS);
    }
  }
}

/**
 * The old way: a list of pids is out of date as soon as it is read, so the group must not fork meanwhile. A frozen
 * group cannot (and no pid of it can be reused); where no freezer was asked for, a pids limit of 0 refuses forks.
 * A frozen process of v1 takes its signal when it thaws.
 */
async function signalAll(group: Group, folders: string[]): Promise<void> {
  if (group.freezer !== undefined || group.v2 !== undefined) await setFrozen(group, true, 'the group');
  else for (const folder of folders) tryWrite(`${folder}/pids.max`, '0');
  for (const pid of processesOf(folders)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  if (group.freezer !== undefined) await setFrozen(group, false, 'the group');
}

async function setFrozen(group: Group, frozen: boolean, name: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (group.v2 !== undefined) {
      writeFileSync(`${group.v2}/cgroup.freeze`, frozen ? '1' : '0');
      if (thisMachine.read(`${group.v2}/cgroup.events`)?.includes(`frozen ${frozen ? 1 : 0}`)) return;
    } else if (group.freezer !== undefined) {
      // Written again each time: a v1 group that forks can stay FREEZING for ever (kernel: freezer-subsystem.rst).
      writeFileSync(`${group.freezer}/freezer.state`, frozen ? 'FROZEN' : 'THAWED');
      if (thisMachine.read(`${group.freezer}/freezer.state`)?.trim() === (frozen ? 'FROZEN' : 'THAWED'))
        return;
    } else {
      throw new CgroupError(`${name} cannot be frozen`, 'create it with `freeze` among its limits');
    }
    if (Date.now() > deadline)
      throw new CgroupError(`${name} does not ${frozen ? 'freeze' : 'thaw'}`, 'try again');
    await sleep(PAUSE_MS);
  }
}

/** Whether the file was there to write. */
function tryWrite(path: string, value: string): boolean {
  try {
    writeFileSync(path, value, { flag: 'r+' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** False when it is in use. */
function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return false;
    if (code === 'ENOENT') return true;
    throw error;
  }
}
