/** util-linux's unshare(1): the namespaces alone, on the host's root directory. */
import { peer } from './peer.ts';

const OPTIONS = [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--fork',
  '--ipc',
  '--net',
  '--uts',
  '--cgroup',
];

export const unshare = peer({
  name: 'unshare',
  title: 'unshare, the same namespaces and nothing else',
  command: (program, argv) => [program, ...OPTIONS, ...argv],
});
