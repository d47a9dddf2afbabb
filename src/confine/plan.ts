/**
 * A child's world as data: the list of steps that stand between clone and exec.
 *
 * Everything that confines a child is said here and nowhere else. TypeScript makes the list (or a student does),
 * `ring3 run --plan` prints it, and `native/spawn` carries it out in order and decides nothing.
 * Three kinds of steps are carried out by the parent because the child cannot: `namespaces` are flags of clone3,
 * `idMap` needs rights in the parent's user namespace, and `cgroup*` must outlive the child. The parent begins with
 * them at once; the child waits for its maps where `idMap` stands, so what needs no ids may stand before it.
 */
import * as z from 'zod';
import { CAPABILITIES } from '../linux/capabilities.ts';
import { NAMESPACES } from '../linux/namespaces.ts';
import { RESOURCES } from '../linux/resources.ts';

// zod would compile a parser for each kind of step first: 5 ms, which only hundreds of plans in one process repay.
z.config({ jitless: true });

const path = z
  .string()
  .min(1)
  .max(4095)
  .refine((text) => !text.includes('\0'), 'must not contain a NUL byte');
const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL byte');
const id = z.int().min(0).max(0xffff_fffe);
const capability = z.enum(CAPABILITIES);
const capabilities = z.array(capability);

/** What a mount allows; the names are those of mount(8). */
export const MOUNT_ATTRIBUTES = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nosymfollow'] as const;
const attributes = z.array(z.enum(MOUNT_ATTRIBUTES)).default([]);

export const SECUREBITS = [
  'noroot',
  'noroot-locked',
  'no-setuid-fixup',
  'no-setuid-fixup-locked',
  'keep-caps',
  'keep-caps-locked',
  'no-cap-ambient-raise',
  'no-cap-ambient-raise-locked',
] as const;

/** `count` ids from `inside` upwards are, on the host, the ids from `outside` upwards (user_namespaces(7)). */
const idRange = z.strictObject({ inside: id, outside: id, count: z.int().min(1).max(0xffff_ffff) });

const limit = z.union([z.int().min(0), z.literal('unlimited')]);

export const stepSchema = z.discriminatedUnion('step', [
  // Carried out by the parent.
  z.strictObject({ step: z.literal('namespaces'), types: z.array(z.enum(NAMESPACES)) }),
  z.strictObject({
    step: z.literal('idMap'),
    uid: z.array(idRange).max(340),
    gid: z.array(idRange).max(340),
    /** `deny` is what an unprivileged parent must write before gid_map (user_namespaces(7)). */
    setgroups: z.enum(['allow', 'deny']),
    /** `helper`: through newuidmap and newgidmap, which check /etc/subuid and /etc/subgid. */
    via: z.enum(['direct', 'helper']).default('direct'),
  }),
  z.strictObject({ step: z.literal('cgroupCreate'), path }),
  z.strictObject({ step: z.literal('cgroupWrite'), path, value: text }),
  z.strictObject({
    step: z.literal('cgroupJoin'),
    path,
    /** `clone`: by CLONE_INTO_CGROUP (v2 only). `write`: the parent writes cgroup.procs before the exec. */
    how: z.enum(['write', 'clone']).default('write'),
  }),

  // Carried out by the child, in order: the filesystem.
  z.strictObject({
    step: z.literal('propagation'),
    target: path,
    type: z.enum(['private', 'slave', 'shared', 'unbindable']),
    recursive: z.boolean().default(true),
  }),
  /**
   * From here on, paths below `root` are resolved as if `root` were `/` already (openat2(2) RESOLVE_IN_ROOT), so that
   * a symbolic link in a hostile image cannot lead a mount out of it.
   */
  z.strictObject({ step: z.literal('resolveIn'), root: path }),
  z.strictObject({
    step: z.literal('mount'),
    type: text,
    source: text.default('none'),
    target: path,
    attributes,
    /** Comma-separated options of the filesystem itself, as in mount(8) -o. */
    options: text.default(''),
  }),
  /**
   * A writable view of the host's `lower` (overlayfs): what the child changes goes to `upper`. `upper` and `work` are
   * made when they are missing.
   * `lower` is opened before the first step, like a bind's source.
   */
  z.strictObject({
    step: z.literal('overlay'),
    lower: path,
    upper: path,
    work: path,
    target: path,
    attributes,
    /**
     * Show the owners of `lower` through the child's id map, so that what is root's outside is root's inside
     * (mount_setattr(2), MOUNT_ATTR_IDMAP). The parent makes such a view, which needs root on the host, and it is
     * attached to this folder; where that cannot be had, the owners stay strangers.
     */
    idMappedAt: path.optional(),
  }),
  z.strictObject({
    step: z.literal('bind'),
    source: path,
    target: path,
    recursive: z.boolean().default(false),
    attributes,
    /** Do nothing when the source is not there. */
    optional: z.boolean().default(false),
    /**
     * By default the child opens the source before its first step, with its parent's identity and on the untouched
     * host, so that no later step can change what it means. `inside`: at this step, as any other path.
     */
    inside: z.boolean().default(false),
  }),
  z.strictObject({
    step: z.literal('attributes'),
    target: path,
    set: attributes,
    recursive: z.boolean().default(false),
    optional: z.boolean().default(false),
  }),
  z.strictObject({ step: z.literal('unmount'), target: path, lazy: z.boolean().default(true) }),
  z.strictObject({ step: z.literal('directory'), path, mode: z.int().min(0).max(0o7777).default(0o755) }),
  z.strictObject({
    step: z.literal('file'),
    path,
    content: text.default(''),
    mode: z.int().min(0).max(0o7777).default(0o644),
  }),
  z.strictObject({ step: z.literal('symlink'), target: path, path }),
  /** Write to a file of /proc/sys that belongs to one of the child's namespaces. `optional`: do nothing where it does not. */
  z.strictObject({ step: z.literal('sysctl'), path, value: text, optional: z.boolean().default(false) }),
  /** Cover a path so that it reads as empty: /dev/null over a file, a read-only tmpfs over a directory. */
  z.strictObject({ step: z.literal('mask'), path }),
  z.strictObject({ step: z.literal('pivotRoot'), root: path }),
  z.strictObject({ step: z.literal('chroot'), path }),
  z.strictObject({ step: z.literal('workdir'), path }),

  // The rest of the world.
  z.strictObject({ step: z.literal('hostname'), name: text.max(64) }),
  z.strictObject({ step: z.literal('domainname'), name: text.max(64) }),
  z.strictObject({ step: z.literal('loopback') }),
  z.strictObject({ step: z.literal('rlimit'), resource: z.enum(RESOURCES), soft: limit, hard: limit }),
  z.strictObject({ step: z.literal('umask'), mask: z.int().min(0).max(0o777) }),
  z.strictObject({ step: z.literal('session') }),
  /** A session on a new pty of the devpts at /dev/pts; its master goes to the spawner. */
  z.strictObject({
    step: z.literal('terminal'),
    rows: z.int().min(0).max(65535).default(24),
    columns: z.int().min(0).max(65535).default(80),
  }),
  /** Wait until the parent has joined us to the plan's cgroups; with `unshareCgroup`, make them the root of our view. */
  z.strictObject({ step: z.literal('joined'), unshareCgroup: z.boolean().default(false) }),

  // Privileges (capabilities(7), credentials(7)).
  z.strictObject({ step: z.literal('securebits'), set: z.array(z.enum(SECUREBITS)) }),
  z.strictObject({ step: z.literal('boundingSet'), keep: capabilities }),
  z.strictObject({ step: z.literal('groups'), gids: z.array(id).max(65536) }),
  z.strictObject({ step: z.literal('gid'), gid: id }),
  z.strictObject({ step: z.literal('uid'), uid: id }),
  z.strictObject({
    step: z.literal('capabilities'),
    effective: capabilities,
    permitted: capabilities,
    inheritable: capabilities,
  }),
  z.strictObject({ step: z.literal('ambientSet'), set: capabilities }),
  z.strictObject({ step: z.literal('noNewPrivs') }),
  z.strictObject({ step: z.literal('parentDeathSignal'), signal: z.int().min(1).max(64) }),

  // Last.
  /** Stay behind as an init that reaps and forwards signals; the steps below, and the exec, happen in its child. */
  z.strictObject({ step: z.literal('init') }),
  z.strictObject({ step: z.literal('closeDescriptors'), from: z.int().min(3).default(3) }),
  /** A classic BPF program, eight bytes an instruction (seccomp(2)), in base64. */
  z.strictObject({
    step: z.literal('seccomp'),
    program: z.base64().max(131072),
    log: z.boolean().default(false),
  }),
  z.strictObject({
    step: z.literal('exec'),
    /** Looked up in `search` when it has no slash. */
    file: path,
    argv: z.array(text).min(1),
    env: z.array(text),
    search: z.array(path).default([]),
  }),
]);

export const planSchema = z.array(stepSchema).max(4096);

/** A step with everything said. */
export type Step = z.output<typeof stepSchema>;
/** A step as one writes it: what has a default may be left out. */
export type StepInput = z.input<typeof stepSchema>;
export type StepName = Step['step'];
export type MountAttribute = (typeof MOUNT_ATTRIBUTES)[number];
export type Securebit = (typeof SECUREBITS)[number];
export type IdRange = z.infer<typeof idRange>;
export type Plan = Step[];
