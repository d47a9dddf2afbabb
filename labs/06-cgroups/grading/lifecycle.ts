/** Tasks freeze, kill and remove. Each begins with groups as a right `limit` would have left them. */
import { wrong, type Examination } from 'ring3/grade';
import type { CgroupOp, Host } from '../exercise.ts';
import { carryOut, directories, drawV1, drawV2, opsSchema, withGroups } from '../model/hosts.ts';
import type { CgroupKernel, Process } from '../model/kernel.ts';

interface Scene {
  host: Host;
  /** Its processes are to be frozen, killed, removed. */
  name: string;
  kernel: CgroupKernel;
  /** Another group beside it, with a process that has done nothing. */
  innocent: Process;
  other: string;
}

function scenes({ random }: Examination, restless: number, killed = false): Scene[] {
  const hosts: Host[] = [drawV1(random), drawV2(random), drawV2(random, { killFile: false })];
  return random.shuffle(hosts).map((host) => {
    const [name, other] = [`box-${random.word(6)}`, `other-${random.word(6)}`];
    const kernel = withGroups(host, [name, other]);
    const innocent = kernel.populate(directories(host, other), false);
    for (let at = 0; at < restless; at++) {
      kernel.populate(directories(host, name), !killed).killed = killed;
    }
    return { host, name, kernel, innocent, other };
  });
}

const ask = (exam: Examination, what: string, scene: Scene): Promise<CgroupOp[]> =>
  exam.student.call(what, [scene.host, scene.name], { returns: opsSchema });

/** The group's processes, found in any of its trees. */
function inside({ kernel, host, name }: Scene): Process[] {
  const paths = directories(host, name);
  return kernel.processes.filter(({ groups }) => paths.some((path) => [...groups.values()].includes(path)));
}

const kindOf = (host: Host) =>
  host.version === 1 ? 'v1' : host.killFile ? 'v2' : 'v2 without cgroup.kill (before Linux 5.14)';

export async function freezes(exam: Examination): Promise<void> {
  const read = 'README.md#freezing';
  for (const scene of scenes(exam, exam.random.int(2, 6))) {
    const { kernel, host, innocent } = scene;
    carryOut(kernel, await ask(exam, 'freeze', scene), read);
    const awake = inside(scene).filter((process) => !kernel.frozen(process));
    if (awake.length > 0) {
      wrong({
        expected: `no process of the group to run when the last op of freeze is done (${kindOf(host)})`,
        seen: `${awake.length} still run: asking for a freeze is not yet being frozen`,
        read,
      });
    }
    if (kernel.frozen(innocent))
      wrong({ expected: 'only this group frozen', seen: 'another one as well', read });
    carryOut(kernel, await ask(exam, 'thaw', scene), read);
    kernel.tick();
    const stiff = inside(scene).filter((process) => kernel.frozen(process));
    if (stiff.length > 0) {
      wrong({
        expected: `all to run again after thaw (${kindOf(host)})`,
        seen: `${stiff.length} frozen`,
        read,
      });
    }
  }
}

export async function kills(exam: Examination): Promise<void> {
  const read = 'README.md#killing-what-flees';
  for (const scene of scenes(exam, exam.random.int(3, 9))) {
    const { kernel, host, innocent } = scene;
    carryOut(kernel, await ask(exam, 'kill', scene), read);
    // What has been killed dies as soon as it may; the rest goes on fleeing.
    for (let moment = 0; moment < 3; moment++) kernel.tick();
    const left = inside(scene);
    const doomed = left.filter(({ killed }) => killed);
    if (left.length > 0) {
      wrong({
        expected: `no survivors on ${kindOf(host)}`,
        seen: doomed.length
          ? `${doomed.length} with a SIGKILL pending that they, being frozen, never get to see`
          : `${left.length} that had forked between the reading of the list and the signal`,
        read,
      });
    }
    if (innocent.killed || !kernel.processes.includes(innocent))
      wrong({ expected: 'only this group killed', seen: 'a process of another group died too', read });
  }
}

export async function removes(exam: Examination): Promise<void> {
  const read = 'README.md#leaving-nothing-behind';
  for (const scene of scenes(exam, exam.random.int(1, 4), true)) {
    const { kernel, host, name, other } = scene;
    carryOut(kernel, await ask(exam, 'remove', scene), read);
    const left = directories(host, name).filter((path) => kernel.groups.has(path));
    if (left.length > 0) wrong({ expected: `no group ${name} left`, seen: left.join(', '), read });
    const gone = directories(host, other).filter((path) => !kernel.groups.has(path));
    if (gone.length > 0)
      wrong({ expected: 'the other groups untouched', seen: `${gone.join(', ')} gone`, read });
  }
}
