import { describe, expect, it } from 'vitest';
import { becomeRoot, currentUser, hostIdMaps, type IdSources, type User } from '../../src/confine/idmaps.ts';
import { planSchema } from '../../src/confine/plan.ts';

const ALL = '         0          0 4294967295\n';
const root: User = { uid: 0, gid: 0, root: true, name: 'root' };
const ada: User = { uid: 1001, gid: 1002, root: false, name: 'ada' };

function sources(some: Partial<IdSources> = {}): IdSources {
  return { subuid: '', subgid: '', uidMap: ALL, gidMap: ALL, setgroups: 'allow\n', helpers: true, ...some };
}

describe('as root', () => {
  it('shifts 65536 ids to a range that nobody uses', () => {
    const { step } = hostIdMaps(root, sources());
    expect(step.uid).toEqual([{ inside: 0, outside: 0x7000_0000, count: 0x1_0000 }]);
    expect(step).toMatchObject({ gid: step.uid, setgroups: 'allow' });
    expect(planSchema.safeParse([step]).success).toBe(true);
  });

  it("takes root's own entry of /etc/subuid, by name or by number", () => {
    const { step } = hostIdMaps(
      root,
      sources({ subuid: 'ada:100000:65536\nroot:300000:131072\n', subgid: '0:400000:65536' }),
    );
    expect(step.uid).toEqual([{ inside: 0, outside: 300000, count: 65536 }]);
    expect(step.gid).toEqual([{ inside: 0, outside: 400000, count: 65536 }]);
  });

  it('moves past entries that the default would overlap, whatever their order', () => {
    const first = `ada:${0x7000_0000 - 10}:65536`;
    const second = `bob:${0x7000_0000 - 10 + 65536}:7`;
    for (const subuid of [`${first}\n${second}\n`, `${second}\n${first}\n`]) {
      expect(hostIdMaps(root, sources({ subuid })).step.uid[0]!.outside).toBe(0x7000_0000 - 10 + 65536 + 7);
    }
  });

  it('takes the upper half of the ids that exist when it is in a container itself', () => {
    const inner = '0 100000 65536\n';
    const { step } = hostIdMaps(root, sources({ uidMap: inner, gidMap: inner }));
    expect(step.uid).toEqual([{ inside: 0, outside: 32768, count: 32768 }]);
  });

  it('still maps root where only one id exists, and does not promise groups that are denied', () => {
    const inner = '0 1000 1\n';
    const { step } = hostIdMaps(root, sources({ uidMap: inner, gidMap: inner, setgroups: 'deny\n' }));
    expect(step.uid).toEqual([{ inside: 0, outside: 0, count: 1 }]);
    expect(step.setgroups).toBe('deny');
    expect(becomeRoot({ step, describe: '' }).map((next) => next.step)).toEqual(['gid', 'uid']);
  });

  it('ignores entries that are malformed or leave 32 bits', () => {
    const subuid = 'root:x:65536\nroot:4294967295:65536\nroot:5\n# root:1:65536\n';
    expect(hostIdMaps(root, sources({ subuid })).step.uid[0]!.outside).toBe(0x7000_0000);
  });
});

describe('as an ordinary user', () => {
  const ranges = { subuid: 'ada:100000:65536\n', subgid: '1001:200000:1000\n' };

  it('maps root to the user and the rest to his range, through the helpers', () => {
    const { step } = hostIdMaps(ada, sources(ranges));
    expect(step).toEqual({
      step: 'idMap',
      uid: [
        { inside: 0, outside: 1001, count: 1 },
        { inside: 1, outside: 100000, count: 65535 },
      ],
      gid: [
        { inside: 0, outside: 1002, count: 1 },
        { inside: 1, outside: 200000, count: 1000 },
      ],
      setgroups: 'allow',
      via: 'helper',
    });
  });

  it.each([
    ['no helpers', { ...ranges, helpers: false }],
    ['no range of uids', { ...ranges, subuid: 'bob:100000:65536\n' }],
    ['no range of gids', { ...ranges, subgid: '' }],
  ])('maps a single id and denies setgroups with %s', (_, some) => {
    const { step } = hostIdMaps(ada, sources(some));
    expect(step.uid).toEqual([{ inside: 0, outside: 1001, count: 1 }]);
    expect(step.gid).toEqual([{ inside: 0, outside: 1002, count: 1 }]);
    expect(step.setgroups).toBe('deny');
    expect(step.via ?? 'direct').toBe('direct');
  });
});

it('finds out about this process', () => {
  expect(currentUser()).toMatchObject({ uid: process.geteuid!(), gid: process.getegid!() });
  expect(planSchema.safeParse([hostIdMaps().step]).success).toBe(true);
});
