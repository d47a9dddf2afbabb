/** Where to go from here; the commands are those of the project's own folder. */
const STEPS: readonly [command: string, what: string][] = [
  ['npx ring3 init ../my-labs', 'a workspace of your own: handouts and exercises'],
  [
    'cd ../my-labs && npx ring3 lab show 1',
    'the first handout; `lab check 1` grades, `lab watch` at every save',
  ],
  ['npx ring3 run --platform none -- bash', 'a shell in a world as above; --memory 64M, --pids 32 …'],
  ['npx ring3 run -- bash', 'a shell whose every system call our own kernel answers; --trace, --stats'],
  ['npx ring3 run --plan -- true', 'all that is done between clone and exec, as data'],
  ['npx ring3 bench', 'the costs again, with intervals, beside runc and unshare'],
];

const WIDTH = Math.max(...STEPS.map(([command]) => command.length));

export const NEXT: readonly string[] = STEPS.map(([command, what]) => `  ${command.padEnd(WIDTH)}  ${what}`);
