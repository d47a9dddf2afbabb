/**
 * `tsx test/uml/run.ts [--cgroups v2|v1|hybrid|none] [--timeout SECONDS] [--results FILE] [-- COMMAND …]`
 *
 * Runs a command inside of user-mode-linux and exits with its status; without one, the tests of cgroups
 * (`--results`: what vitest's JSON reporter says about them).
 * 77 (skipped): there is no user-mode-linux here. 70: it did not come up. 124: it took too long.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { program } from '../support/programs.ts';
import { project, runInUml, umlProblem, type UmlOptions } from './uml.ts';

const LAYOUTS = ['v2', 'v1', 'hybrid', 'none'];
const WRONG_USE = 2;
const SKIPPED = 77;
const NO_BOOT = 70;
const TIMED_OUT = 124;

/** Vitest, told by a config that needs no writable folder (the default one is bundled into node_modules). */
function tests(cgroups: string, results: boolean): string[] {
  const config = ['--root', project, '--configLoader', 'native', '--config', 'test/uml/vitest.config.mjs'];
  // How v2 is delegated can be shown on v2 only.
  const others = cgroups === 'v2' ? [] : ['--exclude', 'test/uml/delegation.uml.ts'];
  const reporters = results ? ['--reporter=default', '--reporter=json', '--outputFile.json=/run/result'] : [];
  return ['node_modules/.bin/vitest', 'run', ...config, ...others, ...reporters];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cgroups: { type: 'string', default: 'v2' },
      timeout: { type: 'string' },
      results: { type: 'string' },
    },
  });
  const problem = umlProblem();
  if (problem) {
    console.error(`skipped: needs user-mode-linux: ${problem}`);
    return SKIPPED;
  }
  const testing = positionals.length === 0;
  if (testing) compilePrograms();
  // The tests take 40 seconds on two idle cores.
  const seconds = Number(values.timeout ?? (testing ? 180 : 60));
  if (!LAYOUTS.includes(values.cgroups) || !(seconds > 0)) {
    console.error(`--cgroups is one of ${LAYOUTS.join(', ')}, --timeout a number of seconds`);
    return WRONG_USE;
  }
  const result = await runInUml(testing ? tests(values.cgroups, values.results !== undefined) : positionals, {
    cgroups: values.cgroups as NonNullable<UmlOptions['cgroups']>,
    timeoutMs: seconds * 1000,
    show: true,
  });
  if (values.results !== undefined) writeFileSync(values.results, result.file);
  if (result.timedOut) console.error(`ended after ${seconds} s, as it had not ended by itself`);
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
process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return WRONG_USE;
});
