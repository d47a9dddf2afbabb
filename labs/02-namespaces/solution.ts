import type { StepInput } from 'ring3';
import type { World } from './exercise.ts';

export function plan(world: World): StepInput[] {
  return [
    { step: 'namespaces', types: ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'] },
    idMap(world),
    ...(world.privileged ? become(world) : []),
    { step: 'propagation', target: '/', type: 'private', recursive: true },
    {
      step: 'mount',
      type: 'proc',
      source: 'proc',
      target: '/proc',
      attributes: ['nosuid', 'nodev', 'noexec'],
    },
    { step: 'hostname', name: world.hostname },
    { step: 'loopback' },
    { step: 'init' },
  ];
}

function idMap({ inside, outside, wanted, privileged }: World): StepInput {
  const count = privileged ? wanted : 1;
  return {
    step: 'idMap',
    uid: [{ inside: inside.uid, outside: outside.uid, count }],
    gid: [{ inside: inside.gid, outside: outside.gid, count }],
    setgroups: privileged ? 'allow' : 'deny',
  };
}

/** The child still has its parent's ids, which the shifted map does not contain, and its parent's groups. */
function become({ inside }: World): StepInput[] {
  return [
    { step: 'groups', gids: [] },
    { step: 'gid', gid: inside.gid },
    { step: 'uid', uid: inside.uid },
  ];
}
