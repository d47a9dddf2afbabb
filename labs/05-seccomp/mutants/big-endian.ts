// loses: assemble — network order, as BPF comes from the network
import type { Instruction } from 'ring3';
import { assemble as right } from '../solution.ts';

export { compile, compileFast, plan } from '../solution.ts';

export function assemble(program: Instruction[]): Uint8Array {
  const bytes = right(program);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, k }, index) => {
    view.setUint16(8 * index, code);
    view.setUint32(8 * index + 4, k);
  });
  return bytes;
}
