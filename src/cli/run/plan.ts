/** `ring3 run --plan`: every step, in words or as JSON. */
import type { StepInput } from '../../confine/plan.ts';

/** A filter is for `ring3 seccomp show`; here its size will do. */
function readable(step: StepInput): { step: string; [field: string]: unknown } {
  if (step.step !== 'seccomp') return step;
  const instructions = Buffer.from(step.program, 'base64').length / 8;
  return { ...step, program: `${instructions} instructions, shown by ring3 seccomp show` };
}

export function printPlan(plan: readonly StepInput[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  for (const { step, ...fields } of plan.map(readable)) {
    process.stdout.write(`${step.padEnd(16)} ${JSON.stringify(fields)}\n`);
  }
}
