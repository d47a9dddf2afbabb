/** Which platforms of the userspace kernel this host lets us have: each is started, and runs a guest for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { obstacle } from '../platform/obstacle.ts';
import type { PlatformName } from '../platform/platform.ts';
import { launchStub } from '../platform/launch.ts';
import { noAnswer, timeLimit } from './patience.ts';
import type { ProbeResult } from './result.ts';

/** The fastest first. */
const PLATFORMS: readonly PlatformName[] = ['rewrite', 'trap', 'notify', 'ptrace'];

/** Without these there is no stub in a world of its own. */
const ALL_NEED: readonly string[] = ['build', 'spawn.world', 'memfd', 'seccomp.filter'];
/** A call that hangs would hang us, too: what a platform is about is tried in a process of its own before. */
const NEEDED: Record<PlatformName, string> = {
  rewrite: 'seccomp.trap',
  trap: 'seccomp.trap',
  notify: 'seccomp.user-notification',
  ptrace: 'ptrace',
};

export interface PlatformFinding {
  name: PlatformName;
  ok: boolean;
  /** Why it cannot be had. */
  why?: string;
}

export async function findPlatforms(results: readonly ProbeResult[]): Promise<PlatformFinding[]> {
  const findings: PlatformFinding[] = [];
  for (const name of PLATFORMS) {
    const needed = [...ALL_NEED, NEEDED[name]];
    const why =
      reasonWithout(results.find(({ id, ok }) => needed.includes(id) && ok === false)) ??
      (await within(obstacle(name, launchStub)));
    findings.push({ name, ok: why === undefined, ...(why !== undefined && { why }) });
  }
  return findings;
}

function reasonWithout(lacking: ProbeResult | undefined): string | undefined {
  if (process.arch !== 'x64') return 'the stub is written for x86-64 only';
  return lacking && `rests on ${lacking.id}`;
}

async function within(found: Promise<string | undefined>): Promise<string | undefined> {
  const limit = await timeLimit();
  return Promise.race([found, sleep(limit, noAnswer(limit), { ref: false })]);
}
