import { Command } from 'commander';
import { checkCommand } from './lab/check.ts';
import { hintCommand } from './lab/hint.ts';
import { listCommand } from './lab/list.ts';
import { measureCommand } from './lab/measure.ts';
import { resetCommand } from './lab/reset.ts';
import { showCommand } from './lab/show.ts';
import { verifyCommand } from './lab/verify.ts';
import { watchCommand } from './lab/watch.ts';

export function labCommand(): Command {
  const lab = new Command('lab').description('work on the labs');
  const commands = [
    listCommand,
    showCommand,
    checkCommand,
    watchCommand,
    hintCommand,
    measureCommand,
    resetCommand,
    verifyCommand,
  ];
  // Commander would end the process itself, with status 1 for what is a usage error.
  for (const command of commands) lab.addCommand(command().exitOverride());
  return lab;
}
