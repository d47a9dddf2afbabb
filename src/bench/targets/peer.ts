/** A target that is another tool: a plain child of ours executes it, so that the way to it is the same as for all. */
import { fixForMissing } from '../install.ts';
import { execStep, findProgram, firstLine } from '../program.ts';
import { startPlan } from '../start.ts';
import type { Target } from '../target.ts';
import { tryOnce } from './planned.ts';

export interface Peer {
  name: string;
  title: string;
  /** Its command line. @param program its absolute path. */
  command(program: string, argv: readonly string[]): string[];
  /** Makes what it needs to start; undone by `close`. */
  prepare?(program: string): Promise<void>;
  close?(): Promise<void>;
}

export function peer({ name, title, command, prepare, close }: Peer): Target {
  const program = (): string => findProgram(name) ?? name;
  const start: Target['start'] = async (argv) => startPlan([execStep(command(program(), argv))]);
  return {
    name,
    family: 'peer',
    title,
    start,
    version: () => firstLine([program(), '--version']),
    async probe() {
      if (!findProgram(name)) return fixForMissing(name);
      await prepare?.(program());
      return tryOnce(start);
    },
    ...(close && { close }),
  };
}
