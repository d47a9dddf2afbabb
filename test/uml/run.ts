/**
 * `tsx test/uml/run.ts [--cgroups v2|v1|hybrid|none] [--timeout SECONDS] [-- COMMAND …]`
 *
 * Runs a command inside of user-mode-linux and exits with its status; without one, the tests that want cgroup v2.
 * 77 (skipped): there is no user-mode-linux here. 70: it did not come up. 124: it took too long.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { program } from '../support/programs.ts';
import { project, runInUml, umlProblem, type UmlOptions } from './uml.ts';

const SKIPPED = 77;
const NO_BOOT = 70;
const TIMED_OUT = 124;

/** Vitest, told by a config that needs no writable folder (the default one is bundled into node_modules). */
const TESTS = ['node_modules/.bin/vitest', 'run', '--root', project, '--configLoader', 'native'];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cgroups: { type: 'string', default: 'v2' }, timeout: { type: 'string', default: '60' } },
  });
  const problem = umlProblem();
  if (problem) {
    console.error(`skipped: needs user-mode-linux: ${problem}`);
    return SKIPPED;
  }
  if (positionals.length === 0) compilePrograms();
  const command = positionals.length > 0 ? positionals : [...TESTS, '--config', 'test/uml/vitest.config.mjs'];
  const result = await runInUml(command, {
    cgroups: values.cgroups as NonNullable<UmlOptions['cgroups']>,
    timeoutMs: Number(values.timeout) * 1000,
    show: true,
  });
  if (result.timedOut) console.error(`ended after ${values.timeout} s, as it had not ended by itself`);
  else if (result.status === undefined)
    console.error(`user-mode-linux failed:\n${result.console.slice(-2000)}`);
  return result.timedOut ? TIMED_OUT : (result.status ?? NO_BOOT);
}

/** Inside, nothing can be written to build/. */
function compilePrograms(): void {
  const folder = join(project, 'native/programs');
  for (const file of readdirSync(folder)) if (file.endsWith('.c')) program(file.slice(0, -2));
}

// What runs inside is ended when this process exits, which a signal alone would not be.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();
