import { describe, expect, it } from 'vitest';
import { sysfsIsWhole } from '../../../src/confine/rootfs/kernel-files.ts';
import { hasMountsBelow, parseMounts, readMounts } from '../../../src/confine/rootfs/mountinfo.ts';

const line = (target: string, type: string, options = 'rw,relatime'): string =>
  `36 35 98:0 / ${target} ${options} master:1 - ${type} source rw`;
const mounts = (...lines: string[]) => parseMounts(`${lines.join('\n')}\n`);

describe('parseMounts', () => {
  it('reads targets with blanks, types and options, and lines without optional fields', () => {
    expect(mounts(line('/a\\040b\\134c', 'ext4', 'ro,nosuid'), '1 1 0:1 / /x rw - tmpfs tmpfs rw')).toEqual([
      { target: '/a b\\c', type: 'ext4', options: ['ro', 'nosuid'] },
      { target: '/x', type: 'tmpfs', options: ['rw'] },
    ]);
  });

  it('finds the root of this machine', () => {
    expect(readMounts().some(({ target }) => target === '/')).toBe(true);
  });
});

describe('hasMountsBelow', () => {
  it('counts what lies strictly below, and not what only begins alike', () => {
    const some = mounts(line('/usr', 'ext4'), line('/var/lib/docker', 'overlay'));
    expect(hasMountsBelow(some, '/usr')).toBe(false);
    expect(hasMountsBelow(some, '/var')).toBe(true);
    expect(hasMountsBelow(some, '/va')).toBe(false);
    expect(hasMountsBelow(some, '/')).toBe(true);
  });
});

describe('sysfsIsWhole', () => {
  it.each([
    [
      'an ordinary host',
      [line('/sys', 'sysfs'), line('/sys/fs/cgroup', 'cgroup2'), line('/sys/kernel/debug', 'debugfs')],
      true,
    ],
    ['a container that covers /sys/firmware', [line('/sys', 'sysfs'), line('/sys/firmware', 'tmpfs')], false],
    ['a container that has it read-only', [line('/sys', 'sysfs', 'ro,nosuid')], false],
    ['no sysfs at all', [line('/', 'ext4')], false],
  ])('%s', (_, lines, whole) => {
    expect(sysfsIsWhole(mounts(...lines))).toBe(whole);
  });
});
