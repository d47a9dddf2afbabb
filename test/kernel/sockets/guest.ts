/** What tests of sockets say again and again. */
import { messages } from '../../../src/kernel/syscalls/messages.ts';
import { sockets } from '../../../src/kernel/syscalls/sockets.ts';
import { AF_INET, AF_INET6, AF_UNIX, MSG_DONTWAIT } from '../../../src/linux/sockets.ts';
import { FakeTask } from '../support/task.ts';

export interface Address {
  address: number;
  length: number;
}

export class SocketGuest extends FakeTask {
  sys(name: string, ...args: number[]): number | Promise<number> {
    return this.call(name in sockets ? sockets : messages, name, ...args);
  }

  /** A call that need not wait. */
  now(name: string, ...args: number[]): number {
    const result = this.sys(name, ...args);
    if (typeof result !== 'number') throw new Error(`${name} waits`);
    return result;
  }

  pair(type: number): [number, number] {
    const address = this.memory.reserve(8);
    const result = this.now('socketpair', AF_UNIX, type, 0, address);
    if (result < 0) throw new Error(`socketpair: ${result}`);
    return [this.memory.readI32(address), this.memory.readI32(address + 4)];
  }

  unixAddress(name: string): Address {
    const bytes = Buffer.from(`\0\0${name}`, 'latin1');
    bytes.writeUInt16LE(AF_UNIX);
    return { address: this.memory.place(bytes), length: bytes.length };
  }

  inetAddress(host: string, port: number): Address {
    const isSix = host.includes(':');
    const bytes = Buffer.alloc(isSix ? 28 : 16);
    bytes.writeUInt16LE(isSix ? AF_INET6 : AF_INET);
    bytes.writeUInt16BE(port, 2);
    if (!isSix) host.split('.').forEach((part, index) => bytes.writeUInt8(Number(part), 4 + index));
    else if (host === '::1') bytes[23] = 1;
    return { address: this.memory.place(bytes), length: bytes.length };
  }

  /** The port that getsockname tells. */
  portOf(fd: number): number {
    return this.nameOf('getsockname', fd).readUInt16BE(2);
  }

  nameOf(call: 'getsockname' | 'getpeername', fd: number): Buffer {
    const address = this.memory.reserve(128);
    const length = this.memory.reserve(4);
    this.memory.writeU32(length, 128);
    const result = this.now(call, fd, address, length);
    if (result < 0) throw new Error(`${call}: ${result}`);
    return this.memory.readBytes(address, this.memory.readI32(length));
  }

  send(fd: number, bytes: string, flags = 0, to?: Address): number | Promise<number> {
    const at = this.memory.place(bytes);
    return this.sys('sendto', fd, at, bytes.length, flags, to?.address ?? 0, to?.length ?? 0);
  }

  /** What there is, as text; or -errno. */
  receive(fd: number, length = 100, flags = MSG_DONTWAIT): string | number {
    const at = this.memory.reserve(length);
    const count = this.now('recvfrom', fd, at, length, flags, 0, 0);
    return count < 0 ? count : this.memory.text(at, Math.min(count, length));
  }

  poll(fd: number): number {
    return this.files.get(fd).poll();
  }
}
