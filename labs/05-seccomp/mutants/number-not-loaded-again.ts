// loses: first-match — the number was loaded at the top
import type { Instruction } from 'ring3';
import type { Policy } from '../exercise.ts';
import { compile as right } from '../solution.ts';

export { assemble, compileFast, plan } from '../solution.ts';

/** Where a rule loads the number again, this one does nothing, in as many instructions. */
export function compile(policy: Policy): Instruction[] {
  let loads = 0;
  return right(policy).map((one) => {
    const isLoad = one.code === 0x20 && one.k === 0;
    return isLoad && loads++ > 0 ? { code: 0x05, jt: 0, jf: 0, k: 0 } : one;
  });
}
