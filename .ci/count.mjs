// Adds up what ran: count.mjs SKIPS FAILED-STEPS RESULT.json…
import { readFileSync } from 'node:fs';

const [skipsFile, failedSteps, ...files] = process.argv.slice(2);
const allowed = new Set(
  readFileSync(skipsFile, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#')),
);
const counts = { passed: 0, failed: Number(failedSteps), skipped: 0 };
const surprising = [];

for (const file of files) {
  const result = JSON.parse(readFileSync(file, 'utf8'));
  for (const suite of result.testResults ?? []) {
    for (const { status, fullName } of suite.assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') counts.failed++;
      else {
        counts.skipped++;
        if (!allowed.has(fullName)) surprising.push(fullName);
      }
    }
  }
}
for (const name of surprising) console.log(`skipped, though it used to run here: ${name}`);
counts.failed += surprising.length;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
