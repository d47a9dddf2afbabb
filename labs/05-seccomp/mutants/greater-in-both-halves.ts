// loses: order — greater means that both words are greater
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

/** After the high half: `jgt` to the end, then `jeq` for the low half to decide. Without the first … */
export function compile(policy: Policy): Instruction[] {
  const program = right(policy);
  return program.map((one, at) => {
    const next = program[at + 1];
    const decidesEarly = one.code === 0x25 && next?.code === 0x15 && one.k === next.k;
    return decidesEarly ? { ...one, jt: 0, jf: 0 } : one;
  });
}
