/** A filter as text, for people: fields, calls, architectures and actions by name, jumps by label. */
import {
  ARCHITECTURES,
  X32_BIT,
  auditArchitectureName,
  type Architecture,
} from '../../linux/architectures.ts';
import { syscallName } from '../../linux/syscalls.ts';
import { actionOf, printAction } from './actions.ts';
import { ALU, CLASS, JUMP, MODE, RET_A, TAX, TXA, X, isJump, successors, type Instruction } from './bpf.ts';
import { fieldName } from './call.ts';
import { knowledge, type Knowledge } from './knowledge.ts';

export interface Line {
  index: number;
  /** Where jumps to this instruction point. */
  label: string | undefined;
  operation: string;
  operand: string;
  /** For a conditional jump: where it goes, `next` for the following instruction. */
  jump: { taken: string; otherwise: string } | undefined;
}

const hex = (value: number) => `0x${value.toString(16)}`;
const small = (value: number) => (value < 4096 ? `${value}` : hex(value));

const OPERATIONS = new Map<number, string>(
  Object.entries(ALU).map(([name, code]) => [code, name.toLowerCase()]),
);
const CONDITIONS = new Map<number, string>(
  Object.entries(JUMP).map(([name, code]) => [code, name.toLowerCase()]),
);

function isTabled(name: string | undefined): name is Architecture {
  return (ARCHITECTURES as readonly (string | undefined)[]).includes(name);
}

/** What a number means that is compared with what A holds. */
function constant(k: number, known: Knowledge | undefined): string {
  if (known?.a === 'arch') return auditArchitectureName(k) ?? hex(k);
  if (known?.a !== 'nr') return small(k);
  if (k === X32_BIT && known.architecture === 'x86-64') return `${hex(k)} (x32)`;
  const name = isTabled(known.architecture) ? syscallName(known.architecture, k) : undefined;
  return name ? `${k} (${name})` : small(k);
}

function loaded({ code, k }: Instruction): string {
  const mode = code & 0xe0;
  if (mode === MODE.ABS) return fieldName(k) ?? `[${k}]`;
  if (mode === MODE.MEM) return `M[${k}]`;
  return mode === MODE.LEN ? 'length' : small(k);
}

function words(instruction: Instruction, known: Knowledge | undefined): [string, string] {
  const { code, k } = instruction;
  const unknown: [string, string] = ['?', `code ${hex(code)} k ${hex(k)}`];
  switch (code & 7) {
    case CLASS.LD:
      return [(code & 0x18) === 0 ? 'ld' : '?', loaded(instruction)];
    case CLASS.LDX:
      return ['ldx', loaded(instruction)];
    case CLASS.ST:
      return ['st', `M[${k}]`];
    case CLASS.STX:
      return ['stx', `M[${k}]`];
    case CLASS.ALU: {
      const name = OPERATIONS.get(code & 0xf0);
      if (!name) return unknown;
      return [name, name === 'neg' ? '' : code & X ? 'x' : hex(k)];
    }
    case CLASS.JMP: {
      const name = CONDITIONS.get(code & 0xf0);
      if (!name) return unknown;
      return [name, name === 'ja' ? '' : code & X ? 'x' : constant(k, known)];
    }
    case CLASS.RET:
      return ['ret', code === RET_A ? 'a' : printAction(actionOf(k))];
    default:
      return code === TAX ? ['tax', ''] : code === TXA ? ['txa', ''] : unknown;
  }
}

/** Every place that a jump leads to which is not simply the next instruction, named in order. */
function labels(program: readonly Instruction[]): Map<number, string> {
  const targets = new Set<number>();
  for (const [index, instruction] of program.entries()) {
    if (!isJump(instruction)) continue;
    for (const target of successors(program, index)) if (target !== index + 1) targets.add(target);
  }
  return new Map([...targets].sort((a, b) => a - b).map((target, at) => [target, `L${at + 1}`]));
}

/** Any program, also one that the kernel would refuse: a jump out of it leads to `outside`. */
export function disassemble(program: readonly Instruction[]): Line[] {
  const known = knowledge(program);
  const names = labels(program);
  const name = (index: number, target: number) => {
    if (target >= program.length) return 'outside';
    return target === index + 1 ? 'next' : (names.get(target) as string);
  };
  return program.map((instruction, index) => {
    const [operation, operand] = words(instruction, known[index]);
    const [taken, otherwise] = successors(program, index);
    const isConditional = isJump(instruction) && otherwise !== undefined;
    const goes = isJump(instruction) && !isConditional && taken !== undefined ? name(index, taken) : operand;
    const jump = isConditional
      ? { taken: name(index, taken as number), otherwise: name(index, otherwise) }
      : undefined;
    return { index, label: names.get(index), operation, operand: goes, jump };
  });
}

function jumpText({ jump }: Line): string {
  if (!jump) return '';
  if (jump.taken === 'next') return `else ${jump.otherwise}`;
  return jump.otherwise === 'next' ? `then ${jump.taken}` : `then ${jump.taken} else ${jump.otherwise}`;
}

/** One line of text an instruction, without what a run found out. */
export function printLine(line: Line): string {
  const label = line.label ? `${line.label}:` : '';
  const text = `${line.operation.padEnd(4)} ${line.operand}`;
  const head = `${String(line.index).padStart(4)}  ${label.padEnd(6)}${text}`;
  const jump = jumpText(line);
  return jump ? `${head.padEnd(46)} ${jump}` : head;
}

export function printProgram(program: readonly Instruction[]): string {
  return disassemble(program)
    .map((line) => `${printLine(line)}\n`)
    .join('');
}
