/** Descriptors 0, 1 and 2 of the first process. */
import { O_RDONLY, O_WRONLY } from '../../linux/open-flags.ts';
import { DescriptorTable } from './descriptors.ts';
import { HostStream } from './host-stream.ts';

/** A table whose first three descriptors are descriptors of this process, by default its own standard streams. */
export function standardStreams(input = 0, output = 1, error = 2): DescriptorTable {
  const table = new DescriptorTable();
  table.install(new HostStream(input, O_RDONLY, { name: '/dev/stdin' }));
  table.install(new HostStream(output, O_WRONLY, { name: '/dev/stdout' }));
  table.install(new HostStream(error, O_WRONLY, { name: '/dev/stderr' }));
  return table;
}
