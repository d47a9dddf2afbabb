import { describe, expect, it } from 'vitest';
import { planSchema, type StepName } from '../../src/confine/plan.ts';
import { DEFAULT_CAPABILITIES, dropPrivileges, type PrivilegeSpec } from '../../src/confine/privileges.ts';

function drop(spec: PrivilegeSpec) {
  const steps = planSchema.parse(dropPrivileges(spec));
  const at = (name: StepName) => steps.findIndex(({ step }) => step === name);
  const only = (name: StepName) => steps.filter(({ step }) => step === name);
  return { steps, at, only };
}

describe('the order', () => {
  const { at } = drop({
    keep: ['CAP_CHOWN'],
    ambient: ['CAP_NET_BIND_SERVICE'],
    uid: 1000,
    gid: 1000,
    groups: [],
    rlimits: { nofile: { soft: 64, hard: 128 } },
    umask: 0o077,
  });

  it.each<[StepName, StepName]>([
    ['rlimit', 'capabilities'],
    ['securebits', 'uid'],
    ['boundingSet', 'uid'],
    ['groups', 'gid'],
    ['gid', 'uid'],
    ['uid', 'capabilities'],
    ['capabilities', 'ambientSet'],
    ['ambientSet', 'noNewPrivs'],
  ])('%s stands before %s', (first, second) => {
    expect(at(first)).toBeGreaterThanOrEqual(0);
    expect(at(first)).toBeLessThan(at(second));
  });
});

describe('the sets', () => {
  it('root keeps what is bounded, and nothing inheritable', () => {
    const { only } = drop({ keep: DEFAULT_CAPABILITIES });
    const keep = [...DEFAULT_CAPABILITIES];
    expect(only('boundingSet')).toEqual([{ step: 'boundingSet', keep }]);
    expect(only('capabilities')).toEqual([
      { step: 'capabilities', effective: keep, permitted: keep, inheritable: [] },
    ]);
    expect(only('ambientSet')).toEqual([{ step: 'ambientSet', set: [] }]);
    expect(only('securebits')).toEqual([{ step: 'securebits', set: [] }]);
  });

  it('another user keeps nothing unless it is ambient', () => {
    const none = drop({ keep: DEFAULT_CAPABILITIES, uid: 1000 });
    expect(none.only('capabilities')).toMatchObject([{ effective: [], permitted: [], inheritable: [] }]);
    const bind = drop({ keep: [], uid: 1000, ambient: ['CAP_NET_BIND_SERVICE'] });
    const set = ['CAP_NET_BIND_SERVICE'];
    expect(bind.only('capabilities')).toMatchObject([{ effective: set, permitted: set, inheritable: set }]);
    expect(bind.only('ambientSet')).toMatchObject([{ set }]);
    expect(bind.only('securebits')).toMatchObject([{ set: ['keep-caps'] }]);
  });
});

it('leaves out what was not asked for, and sets no_new_privs unless told not to', () => {
  const { at } = drop({ keep: [] });
  for (const name of ['uid', 'gid', 'groups', 'rlimit', 'umask'] as const) expect(at(name)).toBe(-1);
  expect(at('noNewPrivs')).toBeGreaterThan(0);
  expect(drop({ keep: [], noNewPrivs: false }).at('noNewPrivs')).toBe(-1);
});

it('gives root no capability that reaches past its own world', () => {
  const dangerous = ['CAP_SYS_ADMIN', 'CAP_NET_RAW', 'CAP_MKNOD', 'CAP_SYS_CHROOT', 'CAP_DAC_READ_SEARCH'];
  expect(DEFAULT_CAPABILITIES.filter((name) => dangerous.includes(name))).toEqual([]);
});
