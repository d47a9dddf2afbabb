/** JUnit XML, as CI systems read it: wrong is a failure, the grader's own trouble an error, host-cannot is skipped. */
import type { LabScore, Scores, TaskScore } from '../score.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way to write most control characters. */
function xml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (one) => ('\t\n\r'.includes(one) ? one : ''))
    .replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}

function body(task: TaskScore): string {
  const message = xml(task.expected ? `expected ${task.expected}; seen ${task.seen}` : task.reason);
  const text = xml([task.show, task.read].filter(Boolean).join('\n'));
  if (task.outcome === 'wrong') return `<failure message="${message}">${text}</failure>`;
  if (task.outcome === 'grader-broke') return `<error message="${message}"/>`;
  if (task.outcome === 'host-cannot') return `<skipped message="${xml(task.probe ?? '')}: ${message}"/>`;
  return '';
}

function suite(lab: LabScore): string {
  const count = (outcome: string) => lab.tasks.filter((task) => task.outcome === outcome).length;
  const cases = lab.tasks.map(
    (task) =>
      `    <testcase classname="lab${lab.number}" name="${xml(`${task.id}: ${task.title}`)}" time="${task.milliseconds / 1000}">${body(task)}</testcase>`,
  );
  const counts = `tests="${lab.tasks.length}" failures="${count('wrong')}" errors="${count('grader-broke')}" skipped="${count('host-cannot')}"`;
  return `  <testsuite name="${xml(lab.name)}" ${counts}>\n${cases.join('\n')}\n  </testsuite>`;
}

export function junit(all: Scores): string {
  const suites = all.labs.map(suite).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites}\n</testsuites>`;
}
