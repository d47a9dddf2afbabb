/** What the sockets of one sandbox find each other by: a network with a loopback interface, and no wire. */
import type { Kernel } from '../kernel.ts';
import { Ports } from './inet/ports.ts';
import type { UnixSocket } from './unix/names.ts';

export class Network {
  readonly tcp = new Ports();
  readonly udp = new Ports();
  /** Abstract names of unix sockets, each with the NUL that it begins with. */
  readonly abstractNames = new Map<string, UnixSocket>();
}

const networks = new WeakMap<Kernel, Network>();

export function networkOf(kernel: Kernel): Network {
  let network = networks.get(kernel);
  if (!network) networks.set(kernel, (network = new Network()));
  return network;
}
