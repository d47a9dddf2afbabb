/** results.json of Gradescope's autograder (its documentation, "Autograder Specifications", "Output format"). */
import type { LabScore, Scores, TaskScore } from '../score.ts';

function output(task: TaskScore): string {
  if (task.outcome === 'passed') return '';
  if (task.outcome !== 'wrong')
    return `Not graded (${task.outcome}): ${[task.probe, task.reason].filter(Boolean).join(': ')}`;
  if (task.expected === undefined) return task.reason;
  return [
    `expected: ${task.expected}`,
    `seen:     ${task.seen}`,
    ...(task.show ? [`again:    ${task.show}`] : []),
    ...(task.read ? [`read:     ${task.read}`] : []),
    ...(task.printed ? [`printed:\n${task.printed}`] : []),
  ].join('\n');
}

function tests(lab: LabScore): object[] {
  return lab.tasks.map((task) => ({
    name: `Lab ${lab.number}, ${task.id}: ${task.title}`,
    number: `${lab.number}.${lab.tasks.indexOf(task) + 1}`,
    score: task.score,
    max_score: task.points,
    status: task.outcome === 'passed' ? 'passed' : 'failed',
    output: output(task),
    output_format: 'text',
    tags: [task.outcome],
  }));
}

/** Gradescope takes the sum of the tests for the score; what could not be graded is said at the top. */
export function gradescope(all: Scores): string {
  const notes = all.labs.flatMap(({ warnings }) => warnings);
  if (all.ungraded) notes.unshift(`${all.ungraded} of ${all.max_score} points could not be graded here`);
  const result = {
    output: notes.join('\n'),
    visibility: 'visible',
    stdout_visibility: 'hidden',
    tests: all.labs.flatMap(tests),
  };
  return JSON.stringify(result, null, 2);
}
