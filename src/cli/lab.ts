import { Command } from 'commander';
import { checkCommand } from './lab/check.ts';
import { verifyCommand } from './lab/verify.ts';

export function labCommand(): Command {
  return new Command('lab')
    .description('work on the labs')
    .addCommand(checkCommand())
    .addCommand(verifyCommand());
}
