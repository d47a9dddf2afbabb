import { relative } from 'node:path';
import { Command } from 'commander';
import { initWorkspace } from '../lab/init.ts';
import { handled } from './lab/context.ts';

export function initCommand(): Command {
  return new Command('init')
    .description('make a workspace with the labs’ handouts and exercises')
    .argument('<dir>', 'a folder that is new or empty')
    .action(
      handled((wanted: string) => {
        const folder = initWorkspace(wanted);
        const there = relative(process.cwd(), folder) || '.';
        console.log(`Made ${there}. Next:\n\n  cd ${there}\n  npx ring3 lab show 1\n  npx ring3 lab watch`);
      }),
    );
}
