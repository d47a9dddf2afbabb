/** A command under the userspace kernel, from its start to its end. */
import type { Terminal } from '../../kernel/files/terminal/terminal.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { SandboxMemory } from '../../platform/sandbox-memory.ts';
import { startPlatform } from '../../platform/start.ts';
import type { StubPlatform } from '../../platform/stub-platform.ts';
import { confineKernel, type Walls } from './confine.ts';
import { startFirst } from './first.ts';
import { helpersYield } from './helper-threads.ts';
import { launchStub } from '../../platform/launch.ts';
import { hostHardware } from './hardware.ts';
import { MemoryPeak } from './memory-peak.ts';
import type { GuestSpec } from './spec.ts';
import { GuestText } from './text.ts';
import { Stopwatch, type Lap } from './stopwatch.ts';
import { Vdso } from './vdso.ts';

export { GuestError } from './first.ts';
export type { GuestSpec } from './spec.ts';

interface GuestParts {
  kernel: Kernel;
  platform: StubPlatform;
  terminal: Terminal | undefined;
  start: readonly Lap[];
  spec: GuestSpec;
  walls: Walls | undefined;
}

/** A sandbox whose guests run. */
export class Guest {
  readonly kernel: Kernel;
  readonly platform: StubPlatform;
  /** The one that the spec gave it. */
  readonly terminal: Terminal | undefined;
  /** What this process is confined by, if it is. */
  readonly walls: Walls | undefined;
  /** What its start took. */
  readonly start: readonly Lap[];
  /** How the first process ended, as wait4(2) tells it. By then nothing is left of the others. */
  readonly ended: Promise<number>;
  timedOut = false;
  /** Only where the spec has a limit, or asks for it. */
  readonly memoryPeak: MemoryPeak | undefined;

  constructor({ kernel, platform, terminal, start, spec, walls }: GuestParts) {
    this.kernel = kernel;
    this.platform = platform;
    this.terminal = terminal;
    this.start = start;
    this.walls = walls;
    if (spec.memory !== undefined || spec.watchMemory) this.memoryPeak = new MemoryPeak(platform.memory);
    this.ended = this.#run(spec.timeout);
  }

  async #run(timeout: number | undefined): Promise<number> {
    const timer = timeout === undefined ? undefined : setTimeout(() => this.#timeOut(), timeout * 1000);
    try {
      return await this.kernel.run();
    } finally {
      clearTimeout(timer);
      this.memoryPeak?.stop();
      await this.platform.close();
    }
  }

  #timeOut(): void {
    this.timedOut = true;
    this.kill();
  }

  /** As a terminal does it: to the group in the foreground, or the first process's own. */
  signal(signal: number): void {
    const { init } = this.kernel;
    if (!init) return;
    const { terminal } = init.session;
    (terminal?.foreground ?? init.processGroup).sendSignal(signal);
  }

  kill(): void {
    this.kernel.end(SIGNALS.SIGKILL);
  }
}

/** Resolves when the command has been loaded. @throws GuestError when it cannot be, StepError when the host refuses the stub */
export async function startGuest(spec: GuestSpec): Promise<Guest> {
  const watch = new Stopwatch();
  helpersYield();
  const memory = new SandboxMemory(spec.memory);
  watch.lap('memory');
  const platform = await startPlatform(spec.platform, memory, launchStub);
  watch.lap('stub');
  try {
    const kernel = new Kernel(platform, { ...spec.kernel, hostname: spec.hostname });
    const vdso = new Vdso(memory);
    kernel.surroundings = {
      hardware: hostHardware(),
      vdso,
      ...(platform.text && { text: new GuestText(memory, platform.text) }),
    };
    vdso.keep(kernel);
    if (spec.pids !== undefined) kernel.pids.most = spec.pids;
    const terminal = startFirst(kernel, spec);
    watch.lap('load');
    const walls = spec.confine
      ? confineKernel({ platform: spec.platform, writable: writable(spec) })
      : undefined;
    watch.lap('confine');
    return new Guest({ kernel, platform, terminal, start: watch.laps, spec, walls });
  } catch (error) {
    await platform.close();
    throw error;
  }
}

/** Folders and files of the host. */
function writable({ binds = [] }: GuestSpec): string[] {
  return binds.filter(({ readOnly }) => !readOnly).map(({ source }) => source);
}

/** @returns how the command ended, as wait4(2) tells it. @throws GuestError */
export async function runGuest(spec: GuestSpec): Promise<number> {
  const guest = await startGuest(spec);
  return guest.ended;
}
