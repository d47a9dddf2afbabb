/** What each namespace adds to the time from spawn to exit of /bin/true. */
import { execute, type Namespace, type StepInput } from 'ring3';

interface Target {
  name: string;
  run(): Promise<void>;
}

type Harness = (time: () => number, targets: Target[], rounds: number) => unknown;

const TYPES: Namespace[] = ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'];
const ROUNDS = 12;

/** A user namespace comes with a map, without which it is of no use; the others need it when one is not root. */
function plan(types: Namespace[]): StepInput[] {
  const own = (outside: number) => [{ inside: 0, outside, count: 1 }];
  const world: StepInput[] =
    types.length === 0
      ? []
      : [
          { step: 'namespaces', types },
          { step: 'idMap', uid: own(process.geteuid!()), gid: own(process.getegid!()), setgroups: 'deny' },
        ];
  return [...world, { step: 'exec', file: 'true', argv: ['true'], env: [], search: ['/bin', '/usr/bin'] }];
}

function target(name: string, types: Namespace[]): Target {
  return {
    name,
    async run() {
      await execute(plan(types));
    },
  };
}

export function measure(harness: Harness): unknown {
  const targets = [
    target('plain', []),
    target('user', ['user']),
    ...TYPES.map((type) => target(`user, ${type}`, ['user', type])),
    target('all seven', ['user', ...TYPES]),
  ];
  return harness(() => performance.now() * 1e6, targets, ROUNDS);
}
