/** Resource limits in the order of their numbers on x86-64 and arm64 (getrlimit(2); asm-generic/resource.h). */
export const RESOURCES = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
] as const;

export type Resource = (typeof RESOURCES)[number];
