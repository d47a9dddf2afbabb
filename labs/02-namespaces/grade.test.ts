import { readlinkSync } from 'node:fs';
import { grade, wrong, type Carried, type SeenWorld } from 'ring3/grade';
import type { Plan } from 'ring3';
import type { World } from './exercise.ts';
import { modestWorld, planFor, see, shiftableIds, shiftedWorld } from './grader.ts';

type OwnNamespace = 'user' | 'mnt' | 'pid' | 'net' | 'ipc' | 'uts' | 'cgroup';

function ownNamespace(world: SeenWorld, type: OwnNamespace, read: string): void {
  const ours = readlinkSync(`/proc/self/ns/${type}`);
  const theirs = world.namespaces[type];
  if (!theirs) throw new Error(`/proc/PID/ns/${type} of the guest cannot be read`);
  if (theirs !== ours) return;
  wrong({
    expected: `another ${type} namespace than ours, ${ours}`,
    seen: `the same one`,
    read: `README.md#${read}`,
  });
}

/** A step that the kernel refused: in earnest, the child would not have started at all. */
function noneRefused(carried: Carried, steps: string[], read: string): void {
  const failed = carried.failed.find(({ step }) => steps.includes(step));
  if (failed) {
    wrong({
      expected: `the kernel to carry out ${failed.step}`,
      seen: `${failed.code}. ${failed.hint}`,
      read: `README.md#${read}`,
    });
  }
}

/** `0 1000 1` for the only row of a uid_map. */
const squeeze = (map: string) => map.trim().replace(/ +/g, ' ').replace(/\n ?/g, '; ') || 'an empty map';

function sameMap(kind: 'uid' | 'gid', map: string, world: World, count: number): void {
  const expected = `${world.inside[kind]} ${world.outside[kind]} ${count}`;
  if (squeeze(map) === expected) return;
  wrong({
    expected: `${kind}_map to read ${expected} (inside, outside, count)`,
    seen: squeeze(map),
    show: `unshare --user --map-root-user cat /proc/self/${kind}_map`,
    read: 'README.md#who-is-who-id-maps',
  });
}

const lines = (text: string) => text.split('\n').filter(Boolean);

grade(import.meta.url, (lab) => {
  /** A task about the child of an ordinary user. */
  function modest(id: string, look: (seen: Carried, world: World, plan: Plan) => void): void {
    lab.task(id, async ({ student, seed }) => {
      const world = modestWorld(seed);
      const plan = await planFor(student, world);
      look(await see(plan, world), world, plan);
    });
  }

  modest('own-user', (seen, _, plan) => {
    // The grader adds one where it is missing, or else a mistake could reach the host: so here the plan is asked.
    if (!plan.some((step) => step.step === 'namespaces' && step.types.includes('user'))) {
      wrong({
        expected: 'a user namespace',
        seen: 'a plan without one: as root the child would be root of the host',
        read: 'README.md#eight-kinds',
      });
    }
    ownNamespace(seen.world, 'user', 'eight-kinds');
  });

  modest('setgroups', (seen, _, plan) => {
    noneRefused(seen, ['groups'], 'setgroups');
    if (seen.world.setgroups.trim() === 'deny') return;
    // A map that the kernel refused for another reason takes the denial with it: that is the next task's business.
    const refused = seen.failed.some(({ step }) => step === 'idMap');
    if (refused && plan.some((step) => step.step === 'idMap' && step.setgroups === 'deny')) return;
    wrong({
      expected: '/proc/PID/setgroups to read deny where nobody privileged wrote the map',
      seen: `${seen.world.setgroups.trim()}: the child could leave a group that a file's mode shuts out`,
      show: 'unshare --user --map-root-user cat /proc/self/setgroups',
      read: 'README.md#setgroups',
    });
  });

  modest('id-map', (seen, world) => {
    noneRefused(seen, ['idMap', 'gid', 'uid'], 'who-is-who-id-maps');
    sameMap('uid', seen.world.uidMap, world, 1);
    sameMap('gid', seen.world.gidMap, world, 1);
    const { uids, gids } = seen.world.identity;
    if (uids.every((uid) => uid === world.inside.uid) && gids.every((gid) => gid === world.inside.gid))
      return;
    wrong({
      expected: `user ${world.inside.uid} and group ${world.inside.gid} inside`,
      seen: `users ${uids.join(' ')} and groups ${gids.join(' ')} (real, effective, saved)`,
      show: 'unshare --user id',
      read: 'README.md#who-is-who-id-maps',
    });
  });

  modest('own-pid', (seen) => {
    ownNamespace(seen.world, 'pid', 'process-1');
    const [, inner] = /^NSpid:\s+\d+\s+(\d+)$/m.exec(seen.world.status) ?? [];
    if (Number(inner) !== seen.world.pid) {
      wrong({ expected: `NSpid to end in ${seen.world.pid}`, seen: `${inner}`, read: 'README.md#process-1' });
    }
  });

  modest('init', (seen) => {
    noneRefused(seen, ['init'], 'process-1');
    if (seen.world.pid !== 1 && seen.world.orphanReaped) return;
    wrong({
      expected: 'an init as process 1 that collects the status of orphans',
      seen:
        seen.world.pid === 1
          ? 'the program itself is process 1, and an orphan that ended stays a zombie'
          : 'an orphan that ended stays a zombie',
      show: "unshare -Urpf --mount-proc sh -c '(sleep 0.1 &) ; exec sleep 1' & sleep 0.5; ps -e -o pid,stat,comm | grep Z",
      read: 'README.md#process-1',
    });
  });

  modest('own-mounts', (seen) => ownNamespace(seen.world, 'mnt', 'mounts'));

  modest('private', (seen, _, plan) => {
    noneRefused(seen, ['propagation'], 'mounts');
    const tied = lines(seen.world.mounts).filter((line) => / (shared|master|propagate_from):/.test(line));
    if (tied[0]) {
      const [, , , , point] = tied[0].split(' ');
      wrong({
        expected: 'no mount that is shared with, or a slave of, another',
        seen: `${tied.length} that are, among them ${point}`,
        read: 'README.md#mounts',
      });
    }
    const order = plan.map(({ step }) => step);
    const mount = order.indexOf('mount');
    if (mount >= 0 && mount < order.indexOf('propagation')) {
      wrong({
        expected: 'propagation cut before anything is mounted',
        seen: `mount is step ${mount}, propagation step ${order.indexOf('propagation')}: the mount has travelled by then`,
        read: 'README.md#mounts',
      });
    }
  });

  modest('fresh-proc', (seen) => {
    noneRefused(seen, ['mount'], 'a-proc-that-knows-the-new-world');
    const read = 'README.md#a-proc-that-knows-the-new-world';
    const { processes, pid } = seen.world;
    if (processes.length > 2 || !processes.includes(pid)) {
      wrong({
        expected: `/proc to list process ${pid} and at most its init`,
        seen: `${processes.length} processes, ${processes.slice(0, 8).join(' ')} …: the host's`,
        show: "unshare -Urpf sh -c 'echo $$; ls -d /proc/[0-9]* | wc -l'",
        read,
      });
    }
    const proc = lines(seen.world.mounts).findLast((line) => line.split(' ')[4] === '/proc');
    const options = proc?.split(' ')[5]?.split(',') ?? [];
    const missing = ['nosuid', 'nodev', 'noexec'].filter((option) => !options.includes(option));
    if (missing.length) {
      wrong({
        expected: '/proc mounted nosuid, nodev and noexec',
        seen: `without ${missing.join(', ')}`,
        read,
      });
    }
  });

  modest('hostname', (seen, world) => {
    noneRefused(seen, ['hostname'], 'name-and-network');
    ownNamespace(seen.world, 'uts', 'name-and-network');
    if (seen.world.hostname === world.hostname) return;
    wrong({
      expected: `the host name ${world.hostname}`,
      seen: seen.world.hostname,
      show: "unshare -Uru sh -c 'hostname lab; hostname'; hostname",
      read: 'README.md#name-and-network',
    });
  });

  modest('own-network', (seen) => {
    ownNamespace(seen.world, 'net', 'name-and-network');
    const others = seen.world.interfaces.filter((name) => name !== 'lo' && !PER_NAMESPACE.test(name));
    if (others.length)
      wrong({ expected: 'no interface but lo', seen: others.join(' '), read: 'README.md#name-and-network' });
  });

  modest('loopback', (seen) => {
    noneRefused(seen, ['loopback'], 'name-and-network');
    if (seen.world.loopbackWorks) return;
    wrong({
      expected: 'a connection to 127.0.0.1 to be accepted',
      seen: 'Network is unreachable: lo exists, and is down',
      show: 'unshare -Urn ip link show lo',
      read: 'README.md#name-and-network',
    });
  });

  modest('own-ipc', (seen) => ownNamespace(seen.world, 'ipc', 'eight-kinds'));
  modest('own-cgroup', (seen) => ownNamespace(seen.world, 'cgroup', 'eight-kinds'));

  lab.task('shifted', async ({ student, seed }) => {
    const world = shiftedWorld(seed);
    const plan = await planFor(student, world);
    if (!shiftableIds()) return readShifted(plan, world);
    const seen = await see(plan, world);
    noneRefused(seen, ['idMap'], 'shifted-ids');
    sameMap('uid', seen.world.uidMap, world, world.wanted);
    sameMap('gid', seen.world.gidMap, world, world.wanted);
    noneRefused(seen, ['groups', 'gid', 'uid'], 'shifted-ids');
    const { uids, gids, groups } = seen.world.identity;
    const identity = `users ${uids.join(' ')}, groups ${gids.join(' ')}, supplementary ${groups.join(' ') || 'none'}`;
    const expected = 'users 0 0 0, groups 0 0 0, supplementary none';
    if (identity !== expected) wrong({ expected, seen: identity, read: 'README.md#shifted-ids' });
    const [, outside] = /^Uid:\s+(\d+)/m.exec(seen.world.status) ?? [];
    if (Number(outside) !== world.outside.uid) {
      wrong({
        expected: `user ${world.outside.uid} on the host`,
        seen: `user ${outside}`,
        read: 'README.md#shifted-ids',
      });
    }
  });
});

/** Tunnels that the kernel puts into every network namespace whose module is loaded; all down, none leads out. */
const PER_NAMESPACE = /^(tunl|gre|gretap|erspan|ip_vti|ip6_vti|sit|ip6tnl|ip6gre)0$/;

/** Where no second id may be mapped, the plan is read instead of carried out. */
function readShifted(plan: Plan, world: World): void {
  const map = plan.find((step) => step.step === 'idMap');
  const row = (kind: 'uid' | 'gid') =>
    map?.[kind].map(({ inside, outside, count }) => `${inside} ${outside} ${count}`).join('\n') ?? '';
  sameMap('uid', row('uid'), world, world.wanted);
  sameMap('gid', row('gid'), world, world.wanted);
  const said = (kind: 'gid' | 'uid') =>
    plan.flatMap((step) => (step.step === kind ? [Object.values(step)[1] as number] : []));
  const emptied = plan.some((step) => step.step === 'groups' && step.gids.length === 0);
  const become = said('gid').at(-1) === world.inside.gid && said('uid').at(-1) === world.inside.uid;
  if (map?.setgroups !== 'allow' || !emptied || !become) {
    wrong({
      expected: 'setgroups allowed, no supplementary groups, and the group and the user of the new world',
      seen: `setgroups ${map?.setgroups}, groups ${emptied ? 'emptied' : 'kept'}, group ${said('gid').at(-1)}, user ${said('uid').at(-1)}`,
      read: 'README.md#shifted-ids',
    });
  }
}
