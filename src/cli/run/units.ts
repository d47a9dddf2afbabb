/** Quantities for people. */
export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export const ms = (microseconds: number): string => `${(microseconds / 1000).toFixed(1)} ms`;
