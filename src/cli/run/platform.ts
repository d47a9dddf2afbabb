/** Which platform a run takes: the best that can be had here, unless told. */
import { addon, helperPath } from '../../linux/addon.ts';
import type { PlatformName } from '../../platform/platform.ts';
import type { RunOptions } from './options.ts';

export type Choice = PlatformName | 'none';

const CHOICES: readonly Choice[] = ['rewrite', 'trap', 'notify', 'ptrace', 'none'];

/** Options of which only the host's kernel can make something: whoever asks for them means it. */
function asksForTheHost(options: RunOptions): boolean {
  return (
    options.net === 'host' ||
    options.cpus !== undefined ||
    options.capAdd.length + options.capDrop.length > 0 ||
    options.seccomp !== 'default' ||
    options.init === true ||
    options.plan === true
  );
}

/** The stub is written for some architectures only. */
export function hasStub(): boolean {
  if (process.arch !== 'x64') return false;
  try {
    addon();
    helperPath('ring3-stub');
    return true;
  } catch {
    return false;
  }
}

/**
 * `rewrite` is the fastest, and asks no more of the host than the others do: where there is a stub, it is the best.
 * @throws Error with one line
 */
export function choosePlatform(options: RunOptions): Choice {
  const text = options.platform ?? (asksForTheHost(options) ? 'none' : 'best');
  if (text === 'best') return hasStub() ? 'rewrite' : 'none';
  const choice = CHOICES.find((name) => name === text);
  if (!choice) throw new Error(`--platform ${text}: write best, ${CHOICES.slice(0, -1).join(', ')} or none.`);
  if (choice !== 'none' && !hasStub()) {
    throw new Error(
      `--platform ${choice} needs the stub, which there is for x86-64 only: use --platform none.`,
    );
  }
  return choice;
}
