/**
 * Starting the stub: in namespaces of its own, on an empty root directory, without capabilities, network or any file but
 * the sandbox's memory. What a guest could break out to is this.
 */
import { hostIdMaps, becomeRoot } from '../confine/idmaps.ts';
import { DEFAULT_NAMESPACES, namespaceStep } from '../confine/namespaces.ts';
import type { StepInput } from '../confine/plan.ts';
import { dropPrivileges } from '../confine/privileges.ts';
import { spawn, type Stdio } from '../confine/spawn.ts';
import { helperPath } from '../linux/addon.ts';

const STAGING = '/tmp';
const STUB = '/stub';

/** The plan of the stub's world. @param program where the stub is on the host */
export function stubPlan(program: string): StepInput[] {
  const maps = hostIdMaps();
  return [
    namespaceStep(DEFAULT_NAMESPACES),
    maps.step,
    ...becomeRoot(maps),
    { step: 'propagation', target: '/', type: 'private' },
    {
      step: 'mount',
      type: 'tmpfs',
      target: STAGING,
      attributes: ['nosuid', 'nodev'],
      options: 'size=64k,mode=755',
    },
    { step: 'file', path: `${STAGING}${STUB}`, mode: 0o755 },
    { step: 'bind', source: program, target: `${STAGING}${STUB}`, attributes: ['ro', 'nosuid', 'nodev'] },
    { step: 'pivotRoot', root: STAGING },
    { step: 'attributes', target: '/', set: ['ro', 'nosuid', 'nodev'] },
    ...dropPrivileges({ keep: [], rlimits: { core: { soft: 0, hard: 0 } } }),
    { step: 'session' },
    { step: 'closeDescriptors' },
    { step: 'exec', file: STUB, argv: ['ring3-stub'], env: [] },
  ];
}

/** @param memory becomes descriptor 0. @param result becomes descriptor 1. @param channel becomes descriptor 2 */
export async function launchStub(
  memory: number,
  result: number,
  channel?: number,
): Promise<{ pid: number; end(): Promise<unknown>; ended: Promise<unknown> }> {
  const stdio: [number, number, Stdio] = [memory, result, channel ?? 'null'];
  const child = await spawn(stubPlan(helperPath('ring3-stub')), { stdio });
  return {
    pid: child.pid,
    ended: child.exited,
    end: () => {
      child.kill('SIGKILL');
      return child.exited;
    },
  };
}
