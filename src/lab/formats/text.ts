/** Results for people: what was expected, what was seen, how to see it again, what to read. */
import pc from 'picocolors';
import type { Outcome } from '../outcome.ts';
import type { LabScore, Scores, TaskScore } from '../score.ts';

const MARKS: Record<Outcome, string> = {
  passed: pc.green('✓'),
  wrong: pc.red('✗'),
  'host-cannot': pc.yellow('–'),
  'grader-broke': pc.magenta('!'),
};
const WORDS: Record<Outcome, string> = {
  passed: '',
  wrong: 'wrong',
  'host-cannot': 'this host cannot, ungraded',
  'grader-broke': 'the grader broke, ungraded',
};

function row(name: string, value?: string): string[] {
  return value ? [`      ${pc.dim(name.padEnd(10))}${value}`] : [];
}

function details(task: TaskScore): string[] {
  const lines = task.expected
    ? [...row('expected', task.expected), ...row('seen', task.seen)]
    : row(
        task.outcome === 'host-cannot' ? 'probe' : 'reason',
        [task.probe, task.reason].filter(Boolean).join(': '),
      );
  lines.push(...row('again', task.show), ...row('read', task.read));
  const printed = task.printed?.trimEnd().split('\n').slice(-5) ?? [];
  printed.forEach((line, at) => lines.push(...row(at ? '' : 'printed', line || ' ')));
  return lines;
}

export function taskText(task: TaskScore): string {
  const word = WORDS[task.outcome];
  const optional = task.optional ? ' (optional)' : '';
  const head = `  ${MARKS[task.outcome]} ${task.id}: ${task.title}${optional}  ${pc.dim(`${task.score}/${task.points}`)}`;
  if (task.outcome === 'passed') return head;
  // Told in full for each task, a fresh exercise would fill three screens with nothing.
  const unwritten = /not written yet( at .*)?$/.exec(task.seen ?? '');
  if (unwritten) return `${head}  ${unwritten[0]}`;
  return [`${head}  ${word}`, ...details(task)].join('\n');
}

export function labText(lab: LabScore): string {
  const ungraded = lab.ungraded ? `, ${lab.ungraded} ungraded` : '';
  return [
    pc.bold(`Lab ${lab.number}: ${lab.title}`) + pc.dim(`  seed ${lab.seed}`),
    ...lab.tasks.map(taskText),
    ...lab.warnings.map((warning) => `  ${pc.yellow('note')}: ${warning}`),
    `  ${pc.bold(`${lab.score} of ${lab.max_score} points`)}${ungraded}`,
  ].join('\n');
}

export function scoresText(all: Scores): string {
  const labs = all.labs.map(labText).join('\n\n');
  if (all.labs.length === 1) return labs;
  const ungraded = all.ungraded ? `, ${all.ungraded} ungraded` : '';
  return `${labs}\n\n${pc.bold(`Total: ${all.score} of ${all.max_score} points`)}${ungraded}`;
}
