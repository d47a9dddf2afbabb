/** ring3 itself is killed, at any moment of its life: nothing may be left. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshSeed, random as randomFrom, type Random } from '../../src/lab/random.ts';
import { cannotRun, identities, ring3Run, type Identity } from '../support/identity.ts';
import { program } from '../support/programs.ts';
import { cgroupsOf, openWorld, type World } from './world.ts';

const AT_ONCE = 8;
const GRACE_MS = 8000;
/** The latest moment of a kill. */
const LONGEST_MS = 20_000;

interface Killed {
  pid: number;
  /** Its exit status, when it had ended before it was killed; else -1. */
  early: number;
  goneMs: number;
  left: number[];
  /** Had the command begun to run? */
  ran: boolean;
  output: string;
}

/** What the guest does: it has a family, it writes, it never ends by itself. */
const GUEST =
  'sleep 300 & (sleep 300; true) & echo inside; echo x > /data/file 2>/dev/null; while :; do sleep 0.01; done';

interface Folders {
  data: string;
  home: string;
  temporary: string;
  reaper: string;
}

/** Who answers the guest: the host alone, or our kernel. */
const PLATFORMS = ['none', 'rewrite', 'ptrace'] as const;
type Platform = (typeof PLATFORMS)[number];

function guestOptions(platform: Platform, { data }: Folders): string[] {
  return ['--platform', platform, '--memory', '64M', '--bind', `${data}:/data`];
}

function options(identity: Identity, { data }: Folders, random: Random): string[] {
  const limits = ['--memory', '64M', '--pids', '64', '--cpus', '0.9'];
  return [
    '--bind',
    `${data}:/data`,
    '--bind',
    '/etc/hostname:/etc/machine:ro',
    // Limits are for who may set them; a few runs go without, for the shim then has less to tidy up.
    ...(identity.uid === 0 && random.chance(0.85) ? limits : []),
    ...(random.chance(0.5) ? ['--init'] : []),
    '--platform',
    'none',
  ];
}

/** The command and its environment that start something as the identity, in the world. */
function within(identity: Identity, world: World, folders: Folders, command: string[]) {
  const user = identity.ids.uid === undefined ? [] : become(identity);
  const [file, ...args] = [...world.enter, ...user, ...command];
  const env = { ...identity.env, HOME: folders.home, TMPDIR: folders.temporary };
  return { file: file!, args, options: { env, cwd: '/', timeout: 120_000, killSignal: 'SIGKILL' } as const };
}

function killOne(
  identity: Identity,
  world: World,
  folders: Folders,
  delayMs: number,
  random: Random,
  platform: Platform,
): Promise<Killed> {
  const own = platform === 'none' ? options(identity, folders, random) : guestOptions(platform, folders);
  const run = [...ring3Run(...own), '--', 'sh', '-c', GUEST];
  const reaper = [folders.reaper, String(Math.round(delayMs * 1000)), String(GRACE_MS), ...run];
  const { file, args, options: how } = within(identity, world, folders, reaper);
  return new Promise((resolve, reject) => {
    execFile(file, args, how, (error, stdout, stderr) => {
      const last = stdout.trim().split('\n').pop() ?? '';
      if (error || !last.startsWith('{'))
        return reject(new Error(`reaper: ${error?.message}\n${stdout}${stderr}`));
      resolve({
        ...(JSON.parse(last) as Killed),
        ran: stdout.startsWith('inside'),
        output: stdout + stderr,
      });
    });
  });
}

/** A run that is left alone: it must work, and leaves the compiled filter for the others. @returns milliseconds. */
function letOneLive(identity: Identity, world: World, folders: Folders, platform: Platform): number {
  const started = performance.now();
  const {
    file,
    args,
    options: how,
  } = within(identity, world, folders, [...ring3Run('--platform', platform), '--', 'true']);
  execFileSync(file, args, { ...how, stdio: 'pipe' });
  return performance.now() - started;
}

/** nsenter(1) is root's to use, so the user is changed after it. */
function become({ uid, gid }: Identity): string[] {
  return ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--inh-caps=-all'];
}

function makeFolders(identity: Identity): Folders {
  const base = mkdtempSync('/var/tmp/ring3-kill-');
  const folder = (name: string): string => {
    const path = join(base, name);
    mkdirSync(path, { recursive: true });
    chownSync(path, identity.uid, identity.gid);
    return path;
  };
  chmodSync(base, 0o755);
  const folders = { data: folder('data'), home: folder('home'), temporary: folder('temporary') };
  chmodSync(folders.data, 0o777);
  writeFileSync(join(folders.data, 'kept'), '');
  return { ...folders, reaper: program('test/kill/reaper.c') };
}

/** Everything that differs from before, besides what the guest may change: the folder that it was given. */
function remains(
  world: World,
  before: readonly string[],
  pids: ReadonlySet<number>,
  folders: Folders,
): string[] {
  const known = new Set(before);
  return [
    ...world.traces().filter((trace) => !known.has(trace)),
    ...cgroupsOf(pids).map((path) => `cgroup ${path}`),
    ...readdirSync(folders.temporary).map((name) => `temporary ${name}`),
    ...readdirSync(folders.home)
      .filter((name) => name !== '.cache')
      .map((name) => `home ${name}`),
  ];
}

/** A few seconds' grace: a cgroup empties, and a mount namespace ends, a moment after its last process. */
async function settled(look: () => string[]): Promise<string[]> {
  const end = performance.now() + GRACE_MS;
  for (;;) {
    const seen = look();
    if (seen.length === 0 || performance.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** RING3_KILLS=200 makes as many of each. */
function runsOf(identity: Identity, platform: Platform): number {
  const asked = process.env['RING3_KILLS'];
  if (asked !== undefined) return Number(asked);
  if (platform !== 'none') return identity.uid === 0 && platform === 'rewrite' ? 48 : 16;
  return identity.uid === 0 ? 200 : 40;
}

const runsToKill = identities().flatMap((who) => PLATFORMS.map((what) => [who, what] as const));

for (const [identity, platform] of runsToKill) {
  const runs = runsOf(identity, platform);
  describe(`as ${identity.name}, ${platform === 'none' ? 'confined by the host' : `under ${platform}`}`, () => {
    let world: World;
    let folders: Folders;
    beforeAll(async () => {
      world = await openWorld();
      folders = makeFolders(identity);
    });
    afterAll(() => {
      world?.close();
      if (folders) rmSync(join(folders.data, '..'), { recursive: true, force: true });
    });

    test(`${runs} runs killed at random moments leave nothing`, { timeout: 600_000 }, async (context) => {
      const obstacle = cannotRun(identity);
      if (obstacle) context.skip(obstacle);
      const seed = Number(process.env.RING3_SEED ?? freshSeed());
      const random = randomFrom(seed);
      const before = world.traces();
      const pids = new Set<number>();
      const killed: Killed[] = [];
      letOneLive(identity, world, folders, platform);
      let longest = letOneLive(identity, world, folders, platform) * AT_ONCE;
      while (killed.length < runs) {
        const delays = Array.from({ length: AT_ONCE }, () => random.float() * longest);
        const wave = await Promise.all(
          delays.map((delay) => killOne(identity, world, folders, delay, random, platform)),
        );
        for (const one of wave) pids.add(one.pid);
        killed.push(...wave);
        const again = `wave ${killed.length / AT_ONCE}; again with RING3_SEED=${seed}`;
        expect(
          wave.filter(({ early }) => early !== -1).map(({ output }) => output),
          `ended by itself: ${again}`,
        ).toEqual([]);
        expect(
          wave.flatMap(({ left }) => left),
          `processes left after ${GRACE_MS} ms: ${again}`,
        ).toEqual([]);
        // Before the next wave, whose runs sweep up what they find: they must not hide what this one left.
        expect(await settled(() => remains(world, before, pids, folders)), `left behind: ${again}`).toEqual(
          [],
        );
        longest = nextLongest(longest, wave, delays);
      }
      const inside = killed.filter(({ ran }) => ran).length;
      const slowest = Math.max(...killed.map(({ goneMs }) => goneMs));
      console.log(
        `seed ${seed}: ${killed.length} killed, ${killed.length - inside} while starting, ${inside} while running; the last process was gone within ${slowest} ms`,
      );
      // Kills that all fall on one side of the exec would have tried only half of it.
      expect(Math.min(inside, killed.length - inside)).toBeGreaterThan(killed.length / 8);
    });
  });
}

/** Keeps the exec in the middle of the span: about half of a wave should be killed before it. */
function nextLongest(longest: number, wave: readonly Killed[], delays: readonly number[]): number {
  const ran = wave.filter((one) => one.ran).length / wave.length;
  const factor = ran > 0.6 ? 0.8 : ran < 0.4 ? 1.25 : 1;
  return Math.min(LONGEST_MS, Math.max(100, longest * factor, Math.min(...delays)));
}
