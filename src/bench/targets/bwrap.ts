/** bubblewrap, which Flatpak starts its programs with: all namespaces, the host's root read-only, fresh /proc and /dev. */
import { peer } from './peer.ts';

const OPTIONS = ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'];

export const bwrap = peer({
  name: 'bwrap',
  title: 'bubblewrap, all namespaces, root read-only',
  command: (program, argv) => [program, ...OPTIONS, ...argv],
});
