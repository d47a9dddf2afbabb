/** The result that GitHub Classroom's autograding reporter takes (classroom-resources/autograding-grading-reporter). */
import type { Scores, TaskScore } from '../score.ts';

const STATUS = { passed: 'pass', wrong: 'fail', 'host-cannot': 'error', 'grader-broke': 'error' } as const;

function test(lab: number, task: TaskScore): object {
  return {
    name: `lab ${lab} ${task.id}`,
    status: STATUS[task.outcome],
    message: task.expected ? `expected ${task.expected}; seen ${task.seen}` : task.reason,
    test_code: task.show ?? `ring3 lab check ${lab} --task ${task.id}`,
    filename: '',
    line_no: 0,
    execution_time: `${task.milliseconds}ms`,
    score: task.score,
    max_score: task.points,
  };
}

export function classroom(all: Scores): string {
  const tasks = all.labs.flatMap(({ number, tasks: own }) => own.map((task) => ({ number, task })));
  const unsure = tasks.some(({ task }) => STATUS[task.outcome] === 'error');
  const status = unsure ? 'error' : all.score === all.max_score ? 'pass' : 'fail';
  const tests = tasks.map(({ number, task }) => test(number, task));
  return JSON.stringify({ version: 3, status, max_score: all.max_score, score: all.score, tests }, null, 2);
}
