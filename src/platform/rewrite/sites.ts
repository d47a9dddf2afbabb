/**
 * Patched call sites: `syscall` and some instructions around it become a jump through a slot to a trampoline of the site's
 * own, so that the next time the guest comes to the kernel without the host. Those instructions move into the trampoline.
 *
 * Seven bytes are needed, `jmp *slot`. Who jumps into their middle meets a fault (see trampolines.ts), and goes on where the
 * instruction is now that was there; so does who was interrupted there before they were patched.
 */
import { int32, jumpTo, type Moved } from './instructions.ts';
import { beginnings, callCode, PATCH, plan, search, type Found, type Patch } from './patch.ts';
import type { TextWatcher } from './text-cache.ts';
import type { Text } from './text.ts';
import { jumpThrough, PLAIN_CALL, type Trampolines } from './trampolines.ts';

const HLT = 0xf4;
/** Of how many texts it is known where their sites are. */
const MOST_KNOWN = 256;

export class Sites implements TextWatcher {
  readonly #trampolines: Trampolines;
  /** Where instructions in trampolines come from. */
  readonly #origins = new Map<number, number>();
  /** By a text's identity: the next copy of it lies at another address. */
  readonly #known = new Map<string, Found>();

  constructor(trampolines: Trampolines) {
    this.#trampolines = trampolines;
  }

  get scarce(): boolean {
    return this.#trampolines.scarce;
  }

  /** The address that a guest knows for an instruction in a trampoline; undefined for any other address. */
  originOf(pc: number): number | undefined {
    return this.#origins.get(pc);
  }

  /** Patches what can be patched before any guest comes to it, unless room is scarce. */
  added(text: Text): void {
    if (this.scarce) return;
    const { plain, other } = this.#sitesOf(text);
    for (const end of plain) this.#installPlain(text, text.address + end);
    for (const end of other) this.#patch(text, text.address + end);
  }

  #sitesOf(text: Text): Found {
    let found = this.#known.get(text.identity);
    if (!found) {
      if (this.#known.size === MOST_KNOWN) this.#known.clear();
      this.#known.set(text.identity, (found = search(text)));
    }
    return found;
  }

  /** A call came from the host: patches its site, whose `syscall` ends at `pc`. */
  patch(text: Text, pc: number): void {
    if (this.#patch(text, pc)) this.#known.get(text.identity)?.other.push(pc - text.address);
  }

  removed(text: Text): void {
    for (const trampoline of text.trampolines) {
      this.#trampolines.free(trampoline);
      const end = trampoline.address + trampoline.length;
      for (let address = trampoline.address; address < end; address++) this.#origins.delete(address);
    }
  }

  #installPlain(text: Text, pc: number): void {
    const start = pc - PATCH;
    if (text.overlaps(start)) return;
    const number = int32(text.bytes, start - text.address + 1);
    const trampoline = this.#trampolines.makePlain(number, pc);
    if (!trampoline) return;
    text.trampolines.push(trampoline);
    this.#origins.set(trampoline.address, start);
    this.#origins.set(trampoline.address + PLAIN_CALL, pc - 2);
    text.moved.set(pc - 2, trampoline.address + PLAIN_CALL);
    write(text, start, jumpThrough(trampoline));
  }

  #patch(text: Text, pc: number): boolean {
    if (text.tried.has(pc)) return false;
    text.tried.add(pc);
    const patch = plan(text, pc);
    return patch !== undefined && this.#install(text, pc, patch);
  }

  #install(text: Text, pc: number, { start, before, behind, next, catching }: Patch): boolean {
    if (text.overlaps(start)) return false;
    const call: Moved = { length: 2, code: callCode(pc, behind.length > 0), last: false };
    const code = [...before, call].flatMap((each) => each.code);
    const tail = behind.flatMap((each) => each.code);
    if (behind.length > 0 && next !== undefined) tail.push(...jumpTo(next));
    const trampoline = this.#trampolines.make(code, tail, catching);
    if (!trampoline) return false;
    text.trampolines.push(trampoline);
    const moved = [...before, call, ...behind];
    const places = beginnings(start, moved);
    let at = trampoline.address;
    for (let index = 0; index < moved.length; index++) {
      if (index === before.length + 1) at = trampoline.tail;
      const place = places[index]!;
      this.#origins.set(at, place);
      if (place > start && place < start + PATCH) text.moved.set(place, at);
      at += moved[index]!.code.length;
    }
    write(text, start, jumpThrough(trampoline));
    return true;
  }
}

/**
 * The trampoline is there already: whoever sees the new bytes may take them. Until all of them are there the first is a HLT:
 * who comes here meanwhile meets a fault, and tries again.
 */
function write(text: Text, address: number, jump: readonly number[]): void {
  const at = address - text.address;
  text.starts.add(address);
  Atomics.store(text.bytes, at, HLT);
  for (let index = 1; index < PATCH; index++) Atomics.store(text.bytes, at + index, jump[index]!);
  Atomics.store(text.bytes, at, jump[0]!);
}
