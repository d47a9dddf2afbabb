/** Ranges of ids, as /etc/subuid hands them out and /proc/PID/uid_map maps them. */

export interface Range {
  start: number;
  count: number;
}

/** The entries of /etc/subuid or /etc/subgid: `name-or-uid:start:count` a line (subuid(5)). Other lines do not count. */
export function subIds(text: string): (Range & { owner: string })[] {
  return [...text.matchAll(/^([^:#\s]+):(\d+):(\d+)\s*$/gm)]
    .map(([, owner, start, count]) => ({ owner: owner!, start: Number(start), count: Number(count) }))
    .filter((range) => range.count > 0 && end(range) <= 0xffff_ffff);
}

/** The ids that exist for a process, by its uid_map or gid_map. Without one (no user namespaces): all. */
export function existing(map: string): Range[] {
  const rows = [...map.matchAll(/^\s*(\d+)\s+\d+\s+(\d+)\s*$/gm)];
  const ranges = rows.map(([, start, count]) => ({ start: Number(start), count: Number(count) }));
  return ranges.length > 0 ? ranges : [{ start: 0, count: 0xffff_ffff }];
}

/** The first of `taken` that shares an id with `range`. */
export function overlap(taken: readonly Range[], range: Range): Range | undefined {
  return taken.find((other) => other.start < end(range) && range.start < end(other));
}

/** The kernel maps a range only if one range of the parent's map holds all of it. */
export function contained(range: Range, within: readonly Range[]): boolean {
  return within.some((have) => have.start <= range.start && end(range) <= end(have));
}

/** The first id after the range. */
export function end(range: Range): number {
  return range.start + range.count;
}
