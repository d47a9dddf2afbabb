// loses: assemble — k before the jumps: the order of the manual page’s macros
import type { Instruction } from 'ring3';
import { assemble as right } from '../solution.ts';

export { compile, compileFast, plan } from '../solution.ts';

/** BPF_STMT(code, k) and BPF_JUMP(code, k, jt, jf) name the fields in another order than the struct. */
export function assemble(program: Instruction[]): Uint8Array {
  right(program);
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt32LE(k, 8 * index + 2);
    bytes.set([jt, jf], 8 * index + 6);
  });
  return bytes;
}
