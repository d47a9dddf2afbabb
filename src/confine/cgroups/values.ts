/** The notations of cgroup files. */

/** The number that a text begins with. */
export function firstNumber(text: string | undefined): number | undefined {
  const match = /^\d+/.exec(text ?? '');
  return match ? Number(match[0]) : undefined;
}

/** Lines of `key number`. */
export function keyed(text: string | undefined): Partial<Record<string, number>> {
  return Object.fromEntries(
    [...(text ?? '').matchAll(/^(\S+) (\d+)$/gm)].map(([, key, value]) => [key, Number(value)]),
  );
}

/** `max`, and on v1 anything from 2^62 up, is no limit. */
export function limitOf(text: string | undefined): number | undefined {
  const value = firstNumber(text);
  return value !== undefined && value < 2 ** 62 ? value : undefined;
}

/** A property that is there only when it is known. */
export function count<Key extends string>(key: Key, value: number | undefined): { [K in Key]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: number });
}
