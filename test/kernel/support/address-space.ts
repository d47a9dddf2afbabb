/** An address space without a host process: remembers what is mapped, page by page, and the calls that made it so. */
import { PAGE } from '../../../src/platform/memory-file.ts';
import type { AddressSpace, Thread } from '../../../src/platform/platform.ts';

export interface HostPage {
  offset: number;
  protection: number;
}

export class FakeAddressSpace implements AddressSpace {
  readonly lowest = 0x1_0000;
  readonly highest = 0x7fff_f000_0000;
  /** By address. */
  readonly host = new Map<number, HostPage>();
  readonly calls: string[] = [];
  released = false;

  map(address: number, length: number, protection: number, offset: number): void {
    this.#check('map', address, length);
    for (let at = 0; at < length; at += PAGE) {
      this.host.set(address + at, { offset: offset + at, protection });
    }
  }

  protect(address: number, length: number, protection: number): void {
    this.#check('protect', address, length);
    for (let at = address; at < address + length; at += PAGE) {
      const page = this.host.get(at);
      // As the host would: ENOMEM for what is not mapped.
      if (!page) throw new Error(`mprotect of ${at.toString(16)}, which is not mapped`);
      page.protection = protection;
    }
  }

  unmap(address: number, length: number): void {
    this.#check('unmap', address, length);
    for (let at = address; at < address + length; at += PAGE) this.host.delete(at);
  }

  newThread(): Thread {
    throw new Error('there is no host process');
  }

  release(): void {
    this.released = true;
  }

  #check(call: string, address: number, length: number): void {
    const good = address % PAGE === 0 && length % PAGE === 0 && length > 0;
    if (!good || address < this.lowest || address + length > this.highest) {
      throw new Error(`${call}(${address.toString(16)}, ${length})`);
    }
    this.calls.push(`${call} ${address.toString(16)} ${length / PAGE}`);
  }
}
