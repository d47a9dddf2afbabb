/** Whether this host can have a platform, found out by having it for a moment. */
import type { PlatformName } from './platform.ts';
import { SandboxMemory } from './sandbox-memory.ts';
import { startPlatform } from './start.ts';
import type { Launch, StubPlatform } from './stub-platform.ts';

/** How long the guest may take, milliseconds. */
const PATIENCE = 5000;

/** @returns why it cannot be had, in a sentence; undefined: it can */
export async function obstacle(name: PlatformName, launch: Launch): Promise<string | undefined> {
  try {
    const platform = await startPlatform(name, new SandboxMemory(), launch);
    try {
      return (await faults(platform)) ? undefined : 'A guest has started, and nothing is heard of it.';
    } finally {
      await platform.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs a guest that has no memory at all. */
async function faults(platform: StubPlatform): Promise<boolean> {
  const thread = platform.newAddressSpace().newThread();
  platform.resume(thread);
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    if (platform.next() === thread) return thread.event === 'fault';
    await platform.park(100);
  }
  return false;
}
