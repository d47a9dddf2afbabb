/** Which platform a run takes. */
import { addon, helperPath } from '../../linux/addon.ts';
import type { PlatformName } from '../../platform/platform.ts';

export type Choice = PlatformName | 'none';

/** What a run takes unless --platform says: a name, or `best`: what `bestPlatform` finds. */
const DEFAULT: Choice | 'best' = 'none';

const CHOICES: readonly Choice[] = ['rewrite', 'trap', 'notify', 'ptrace', 'none'];

/** The fastest that can be had here: the stub is written for some architectures only. */
export function bestPlatform(): Choice {
  try {
    addon();
    helperPath('ring3-stub');
  } catch {
    return 'none';
  }
  return process.arch === 'x64' ? 'rewrite' : 'none';
}

/** @throws Error with one line. */
export function choosePlatform(text: string = DEFAULT): Choice {
  if (text === 'best') return bestPlatform();
  const choice = CHOICES.find((name) => name === text);
  if (!choice) throw new Error(`--platform ${text}: write ${CHOICES.slice(0, -1).join(', ')} or none.`);
  if (choice !== 'none' && bestPlatform() === 'none') {
    throw new Error(
      `--platform ${choice} needs the stub, which there is for x86-64 only: use --platform none.`,
    );
  }
  return choice;
}
