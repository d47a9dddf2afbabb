/** The guests' vDSO: its image, and the page beside it that tells how to make the time out of the processor's counter. */
import { readFileSync } from 'node:fs';
import type { Kernel } from '../../kernel/kernel.ts';
import type { FileMemory } from '../../kernel/memory/file-memory.ts';
import type { MappedFile } from '../../kernel/memory/vma.ts';
import { addon, helperPath } from '../../linux/addon.ts';
import { PAGE, WINDOW, type MemoryFile } from '../../platform/memory-file.ts';

/** The counter's pace is known well enough after so many milliseconds; until then guests ask the kernel. */
const FIRST = 50;
const EVERY = 1000;
const HIGH = 0x1_0000_0000;

/** Pages that are there for as long as the sandbox. */
class KernelPages implements FileMemory {
  readonly size: number;
  readonly identity: string;
  readonly offset: number;

  constructor(memory: MemoryFile, content: Uint8Array, identity: string) {
    this.size = content.length;
    this.identity = identity;
    this.offset = memory.allocate(Math.ceil(content.length / PAGE) * PAGE);
    memory.windows[Math.floor(this.offset / WINDOW)]!.set(content, this.offset % WINDOW);
  }

  extent(position: number, length: number): { offset: number; length: number } {
    const rest = Math.ceil(this.size / PAGE) * PAGE - position;
    return { offset: this.offset + position, length: Math.max(0, Math.min(length, rest)) };
  }

  acquire(): void {}
  release(): void {}
}

function mapped(memory: KernelPages, name: string): MappedFile {
  return { memory, name, device: 0, inode: 0 };
}

export class Vdso {
  readonly image: MappedFile;
  readonly data: MappedFile;
  readonly #words: Int32Array;
  readonly #first = new Float64Array(2);
  readonly #now = new Float64Array(2);
  /** What guests make of the counter now: their time at the counter's value, and nanoseconds a tick. */
  #counter = 0;
  #monotonic = 0;
  #scale = 0;

  constructor(memory: MemoryFile) {
    this.image = mapped(
      new KernelPages(memory, readFileSync(helperPath('ring3-vdso')), 'ring3-vdso'),
      '[vdso]',
    );
    const page = new KernelPages(memory, Buffer.alloc(PAGE), 'ring3-vvar');
    this.data = mapped(page, '[vvar]');
    const window = memory.windows[Math.floor(page.offset / WINDOW)]!;
    this.#words = new Int32Array(window.buffer, window.byteOffset + (page.offset % WINDOW), PAGE / 4);
    addon().readCounter(this.#first);
  }

  /** Keeps the page true from now on. */
  keep(kernel: Kernel): void {
    const again = (ms: number): void => {
      kernel.timers.at(kernel.clock.monotonic() + ms, () => {
        this.#update(kernel);
        again(EVERY);
      });
    };
    again(FIRST);
  }

  #update(kernel: Kernel): void {
    const [counter, monotonic] = this.#read();
    const pace = (monotonic - this.#first[1]!) / (counter - this.#first[0]!);
    if (!(pace > 0)) return;
    // Their clock must not go back: where it was ahead of the host's it goes on from there, a little slower.
    const theirs = this.#monotonic + (counter - this.#counter) * this.#scale;
    const ahead = this.#scale === 0 ? 0 : Math.max(0, theirs - monotonic);
    this.#counter = counter;
    this.#monotonic = monotonic + ahead;
    this.#scale = pace * (1 - Math.min(ahead / (EVERY * 1e6), 0.01));
    this.#publish(kernel.clock.realtimeOffset());
  }

  #read(): [number, number] {
    addon().readCounter(this.#now);
    return [this.#now[0]!, this.#now[1]!];
  }

  #publish(realtimeOffset: number): void {
    const at = addon().clockLayout;
    const words = this.#words;
    const sequence = words[at.sequence / 4]!;
    const seconds = Math.floor(realtimeOffset / 1000);
    Atomics.store(words, at.sequence / 4, sequence + 1);
    this.#put(at.counter, this.#counter);
    this.#put(at.monotonic, this.#monotonic);
    this.#put(at.scale, Math.floor(this.#scale * HIGH));
    this.#put(at.realtime_seconds, seconds);
    this.#put(at.realtime_nanoseconds, Math.round((realtimeOffset - seconds * 1000) * 1e6));
    words[at.ready / 4] = 1;
    Atomics.store(words, at.sequence / 4, sequence + 2);
  }

  #put(offset: number, value: number): void {
    const high = Math.floor(value / HIGH);
    this.#words[offset / 4] = value - high * HIGH;
    this.#words[offset / 4 + 1] = high;
  }
}
