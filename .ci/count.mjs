// Adds up what ran: count.mjs SKIPS FAILED-STEPS RESULT.json…
// A result is vitest's JSON, or that of `ring3 lab verify --json`, in which each submission counts as a test.
import { readFileSync } from 'node:fs';

const [skipsFile, failedSteps, ...files] = process.argv.slice(2);
const allowed = new Set(
  readFileSync(skipsFile, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#')),
);
const counts = { passed: 0, failed: Number(failedSteps), skipped: 0 };
const surprising = [];

function skip(name) {
  counts.skipped++;
  if (!allowed.has(name)) surprising.push(name);
}

function countTests({ testResults }) {
  for (const { assertionResults } of testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') counts.failed++;
      else skip(fullName);
    }
  }
}

function countLabs({ labs }) {
  for (const { lab, candidates, hostCannot } of labs) {
    for (const { violations } of candidates) counts[violations.length === 0 ? 'passed' : 'failed']++;
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
for (const name of surprising) console.log(`skipped, though it used to run here: ${name}`);
counts.failed += surprising.length;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
