/** Instructions for the assembler, and some that cannot be. */
import { seccomp, type Random } from 'ring3/grade';

type Instruction = seccomp.Instruction;

export function drawInstructions(random: Random): Instruction[] {
  return Array.from({ length: random.int(3, 30) }, () => ({
    code: random.int(0x100, 0xffff),
    jt: random.int(1, 255),
    jf: random.int(1, 255),
    k: random.int(0x8000_0000, 0xffff_ffff),
  }));
}

export function bytesOf(program: Instruction[]): Uint8Array {
  return seccomp.encode(program);
}

export function drawUnfit(random: Random): { field: string; program: Instruction[] }[] {
  const wrong: [keyof Instruction, number][] = [
    ['jt', 256 + random.int(0, 255)],
    ['jf', 256 + random.int(0, 9999)],
    ['jt', -1 - random.int(0, 9)],
    ['k', 0x1_0000_0000 + random.int(0, 99)],
    ['k', -1],
    ['code', 0x1_0000 + random.int(0, 99)],
    ['k', random.int(1, 99) + 0.5],
  ];
  return wrong.map(([field, value]) => {
    const program = drawInstructions(random);
    const at = random.int(0, program.length - 1);
    program[at] = { ...(program[at] as Instruction), [field]: value };
    return { field: `${field} ${value}`, program };
  });
}
