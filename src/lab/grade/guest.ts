/** A copy of the guest `world` where everybody can start it. */
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helperPath, packageRoot } from '../../linux/addon.ts';

export interface Guest {
  file: string;
  /** The path of the setuid copy, if one was asked for. */
  setuid: string[];
  remove(): void;
}

/**
 * Whoever a plan makes of the guest may have no way into the folders that lead to ours, such as a home directory.
 * With `owner`, there is also a copy that is setuid to these host ids.
 */
export function installGuest(owner?: { uid: number; gid: number }): Guest {
  const folder = mkdtempSync(join(scratch(owner ? ['noexec', 'nosuid'] : ['noexec']), 'ring3-world-'));
  const file = join(folder, 'world');
  chmodSync(folder, 0o711);
  copyFileSync(helperPath('world'), file);
  chmodSync(file, 0o755);
  const setuid = owner ? [join(folder, 'setuid')] : [];
  for (const copy of setuid) {
    copyFileSync(file, copy);
    if (owner && owner.uid !== process.geteuid!()) chownSync(copy, owner.uid, owner.gid);
    chmodSync(copy, 0o4755); // after chown, which clears the bit
  }
  return { file, setuid, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Some mount /tmp nosuid or noexec. Where nothing better is found, the first will have to do. */
function scratch(without: string[]): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const places = [tmpdir(), '/var/tmp', packageRoot];
  return (
    places.find((place) => !without.some((option) => optionsAt(place, mounts).includes(option))) ?? places[0]!
  );
}

/** The options of the mount that holds `path`: the last of those with the longest mount point (proc_pid_mountinfo(5)). */
function optionsAt(path: string, mounts: string[][]): string[] {
  const below = `${realpathSync(path)}/`;
  let best: string[] = [];
  for (const mount of mounts) {
    const point = mount[4] === '/' ? '/' : `${mount[4]}/`;
    if (below.startsWith(point) && point.length >= (best[4]?.length ?? 0)) best = mount;
  }
  return best[5]?.split(',') ?? [];
}
