/**
 * What a shell sees of its world, one `key value` a line. Words of the shell itself and files of /proc only: every
 * host has them, and no other program is needed inside.
 */
export const SCRIPT = String.raw`
echo "pid $$"
set -- /proc/[0-9]*; echo "processes $#"
set -- /dev/*; echo "devices $#"
set -- /home/*; [ -e "$1" ] || shift; echo "homes $#"
read -r value < /proc/sys/kernel/hostname; echo "hostname $value"
read -r value < /proc/sys/kernel/osrelease; echo "kernel $value"
while read -r inside outside count; do echo "map $inside $outside $count"; done < /proc/self/uid_map
while read -r name value; do
  case $name in Uid: | CapEff: | NoNewPrivs: | Seccomp:) echo "$name $value" ;; esac
done < /proc/self/status
while read -r name rest; do
  case $name in *:*) echo "interface ${'$'}{name%%:*}" ;; esac
done < /proc/net/dev
while IFS=: read -r id controllers path; do echo "cgroup $path"; done < /proc/self/cgroup
while read -r id parent device inner target options; do
  echo "mount $target"
  [ "$target" = / ] && echo "root $options"
done < /proc/self/mountinfo
exit 0
`;

/** The values of each key, in their order. */
export type World = ReadonlyMap<string, readonly string[]>;

export function parseWorld(output: string): World {
  const world = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [, key, value] = /^(\w+):? (.*)$/.exec(line) ?? [];
    if (key !== undefined) world.set(key, [...(world.get(key) ?? []), value!.trim()]);
  }
  return world;
}
