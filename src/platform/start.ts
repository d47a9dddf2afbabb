/** The four platforms by their names. */
import { NotifyPlatform } from './notify/notify-platform.ts';
import type { PlatformName } from './platform.ts';
import { PtracePlatform } from './ptrace/ptrace-platform.ts';
import { RingPlatform } from './ring-platform.ts';
import type { SandboxMemory } from './sandbox-memory.ts';
import type { Launch, StubPlatform } from './stub-platform.ts';

/** @throws Error when the platform cannot be had on this host */
export async function startPlatform(
  name: PlatformName,
  memory: SandboxMemory,
  launch: Launch,
): Promise<StubPlatform> {
  const platform = make(name, memory);
  try {
    await platform.start(launch);
    return platform;
  } catch (error) {
    await platform.close();
    throw error;
  }
}

function make(name: PlatformName, memory: SandboxMemory): StubPlatform {
  if (name === 'notify') return new NotifyPlatform(memory);
  if (name === 'ptrace') return new PtracePlatform(memory);
  return new RingPlatform(name, memory);
}
