// loses: assemble-range — typed arrays take any number
import type { Instruction } from 'ring3';

export { compile, compileFast, plan } from '../solution.ts';

export function assemble(program: Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, jt);
    view.setUint8(8 * index + 3, jf);
    view.setUint32(8 * index + 4, k, true);
  });
  return bytes;
}
