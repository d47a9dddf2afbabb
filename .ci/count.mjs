// Adds up what ran: count.mjs SKIPS FAILED-STEPS RESULT.json…
// A result is vitest's JSON, or that of `ring3 lab verify --json`, in which each submission counts as a test.
import { readFileSync } from 'node:fs';

/** Of a failure's message, so that the end of a long log still tells what it was. */
const LINES = 4;
const WIDTH = 400;

const [skipsFile, failedSteps, ...files] = process.argv.slice(2);
const allowed = new Set(
  readFileSync(skipsFile, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#')),
);
const counts = { passed: 0, failed: Number(failedSteps), skipped: 0 };
const surprising = [];
const failures = [];

function skip(name) {
  counts.skipped++;
  if (!allowed.has(name)) surprising.push(name);
}

function fail(name, messages) {
  counts.failed++;
  const [first = ''] = messages ?? [];
  failures.push(`failed: ${name}: ${first.split('\n').slice(0, LINES).join(' | ').slice(0, WIDTH)}`);
}

function countTests({ testResults }) {
  for (const { assertionResults } of testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') fail(fullName, failureMessages);
      else skip(fullName);
    }
  }
}

function countLabs({ labs }) {
  for (const { lab, candidates, hostCannot } of labs) {
    for (const { candidate, violations } of candidates) {
      if (violations.length === 0) counts.passed++;
      else fail(`lab ${lab}: ${candidate}`, violations);
    }
    for (const { task } of hostCannot) skip(`lab ${lab}: ${task}`);
  }
}

for (const file of files) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    if (result.labs) countLabs(result);
    else countTests(result);
  } catch (error) {
    console.log(`${file}: no result: ${error.message}`);
    counts.failed++;
  }
}
for (const failure of failures) console.log(failure);
for (const name of surprising) console.log(`skipped, though it used to run here: ${name}`);
counts.failed += surprising.length;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
