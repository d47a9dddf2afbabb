/**
 * Patched call sites: `syscall` becomes a jump through a slot to a trampoline of the site's own, so that the next time
 * the guest comes to the kernel without the host.
 *
 * Seven bytes are needed, `jmp *slot`. They replace either `mov $number,%eax; syscall`, or `syscall` and the instructions
 * that follow, which move into the trampoline. The slot's address ends in 06 00: who jumps to where `syscall` was in the
 * first form meets an instruction that does not exist, and the kernel takes that for the call it meant.
 */
import { int32, isJumpedTo, jumpTo, move, quad } from './instructions.ts';
import type { Text } from './text.ts';
import { JUMP_LENGTH, type Trampolines } from './trampolines.ts';

const PATCH = 7;
const HLT = 0xf4;

export class Sites {
  readonly #trampolines: Trampolines;

  constructor(trampolines: Trampolines) {
    this.#trampolines = trampolines;
  }

  /**
   * Patches the site whose `syscall` ends at `pc`. @param number the call that was made
   * @returns false when it stays as it is
   */
  patch(text: Text, pc: number, number: number): boolean {
    if (text.refused.has(pc)) return false;
    if (this.#tryPatch(text, pc, number)) return true;
    text.refused.add(pc);
    return false;
  }

  #tryPatch(text: Text, pc: number, number: number): boolean {
    const end = pc - text.address;
    if (end < PATCH || end + 16 > text.bytes.length) return false;
    if (text.bytes[end - 2] !== 0x0f || text.bytes[end - 1] !== 0x05) return false;
    if (text.bytes[end - PATCH] === 0xb8 && int32(text.bytes, end - PATCH + 1) === number) {
      return this.#patchWithNumber(text, pc, number);
    }
    return this.#patchWithTail(text, pc);
  }

  #patchWithNumber(text: Text, pc: number, number: number): boolean {
    // mov $number,%eax; mov $pc,%rcx; mov %rcx,%r11
    const code = [0xb8, ...quad(number).slice(0, 4), 0x48, 0xb9, ...quad(pc), 0x49, 0x89, 0xcb];
    const trampoline = this.#trampolines.make(code, []);
    if (!trampoline) return false;
    text.trampolines.push(trampoline);
    text.calls.add(pc - 2);
    write(text, pc - PATCH, trampoline.slot);
    return true;
  }

  #patchWithTail(text: Text, pc: number): boolean {
    const { bytes } = text;
    const start = pc - text.address;
    const tail: number[] = [];
    let length = 2;
    let last = false;
    while (length < PATCH) {
      if (last) return false;
      const at = start + length - 2;
      const moved = move(bytes, at, text.address + at);
      if (!moved) return false;
      tail.push(...moved.code);
      length += moved.length;
      last = moved.last;
    }
    if (isJumpedTo(bytes, start, start + PATCH - 2)) return false;
    if (!last) tail.push(...jumpTo(pc - 2 + length));
    // mov $pc,%rcx; lea tail(%rip),%r11 (behind the jump to the stub, 5 bytes)
    const code = [0x48, 0xb9, ...quad(pc), 0x4c, 0x8d, 0x1d, 5, 0, 0, 0];
    const trampoline = this.#trampolines.make(code, tail);
    if (!trampoline) return false;
    text.trampolines.push(trampoline);
    text.tails.set(pc, trampoline.address + code.length + JUMP_LENGTH);
    write(text, pc - 2, trampoline.slot);
    return true;
  }
}

/**
 * `jmp *slot`. The trampoline is there already: whoever sees the new bytes may take them. Until all of them are there the
 * first is a HLT: who comes here meanwhile meets a fault, and tries again.
 */
function write(text: Text, address: number, slot: number): void {
  const at = address - text.address;
  const jump = [0xff, 0x24, 0x25, ...quad(slot).slice(0, 4)];
  text.starts.add(address);
  Atomics.store(text.bytes, at, HLT);
  for (let index = 1; index < PATCH; index++) Atomics.store(text.bytes, at + index, jump[index]!);
  Atomics.store(text.bytes, at, jump[0]!);
}
