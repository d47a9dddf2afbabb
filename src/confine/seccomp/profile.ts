/**
 * A seccomp profile as the OCI runtime specification writes it (config-linux.md, "Seccomp"), with what Docker and
 * podman add: archMap, includes and excludes, errno by name. Parsed and bounded here; `rules.ts` makes rules of it.
 */
import * as z from 'zod';
import { errnoNumber } from '../../linux/errno.ts';

const ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
] as const;

const OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
] as const;

/** A shape must be said with enough letters that a typing error is refused, not taken for an unknown extension. */
const name = z.string().min(1).max(64);
const architecture = z.string().regex(/^SCMP_ARCH_[A-Z0-9_]+$/, 'must be a name as SCMP_ARCH_X86_64');
const errnoRet = z.int().min(0).max(0xffff).optional();
const errnoText = z
  .string()
  .refine(
    (text) => /^\d*$/.test(text) || errnoNumber(text) !== undefined,
    'must be an errno’s name, as EPERM',
  )
  .optional();

/** JSON numbers are exact to 2^53 only; larger values come as a string, decimal or 0x…. */
const value = z
  .union([
    z.int('must be a whole number; above 2^53, write it as a string').min(0),
    z.string().regex(/^(0x[0-9a-fA-F]{1,16}|\d{1,20})$/, 'must be a whole number, decimal or 0x…'),
  ])
  .transform((text) => BigInt(text))
  .refine((number) => number < 1n << 64n, 'must fit in 64 bits');

const comparison = z.strictObject({
  index: z.int().min(0).max(5),
  value,
  valueTwo: value.default(0n),
  op: z.enum(OPERATORS),
});

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(1024)
    .nullish()
    .transform((items) => items ?? []);

const condition = z
  .strictObject({
    caps: list(name),
    arches: list(name),
    minKernel: z
      .string()
      .regex(/^\d+\.\d+/, 'must be a version as 4.8')
      .nullish(),
  })
  .nullish();

const rule = z
  .strictObject({
    names: z.array(name).min(1).max(1024).optional(),
    name: name.optional(),
    action: z.enum(ACTIONS),
    errnoRet,
    errno: errnoText,
    args: list(comparison),
    comment: z.string().optional(),
    includes: condition,
    excludes: condition,
  })
  .refine((one) => one.names || one.name, 'names no system call');

export const profileSchema = z.strictObject({
  defaultAction: z.enum(ACTIONS),
  defaultErrnoRet: errnoRet,
  defaultErrno: errnoText,
  architectures: list(architecture),
  archMap: list(z.strictObject({ architecture, subArchitectures: list(architecture) })),
  /** For seccomp(2) itself; the loader decides on those. */
  flags: list(z.string()),
  listenerPath: z.string().optional(),
  listenerMetadata: z.string().optional(),
  syscalls: list(rule),
});

export type Profile = z.output<typeof profileSchema>;
export type ProfileInput = z.input<typeof profileSchema>;
export type ProfileRule = Profile['syscalls'][number];
export type ProfileAction = (typeof ACTIONS)[number];

export class ProfileError extends Error {
  override name = 'ProfileError';
}

/** @throws ProfileError with one line that says where and what. */
export function checkProfile(data: unknown, source = 'the profile'): Profile {
  const parsed = profileSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new ProfileError(
    `${source} is no seccomp profile: ${where}${issue?.message ?? 'it has another shape'}`,
  );
}

/** From the text of a file. @throws ProfileError */
export function parseProfile(text: string, source = 'the profile'): Profile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new ProfileError(`${source} is no JSON: ${(error as Error).message.split('\n')[0]}`);
  }
  return checkProfile(data, source);
}
