/** The command that installs a peer, by family of distribution (os-release(5), ID and ID_LIKE). */
import { hostFacts } from '../doctor/host.ts';
import { asRoot } from '../doctor/hosts/kind.ts';
import type { Gap } from './target.ts';

const INSTALLERS: readonly { ids: readonly string[]; command: string }[] = [
  { ids: ['debian', 'ubuntu'], command: 'apt-get install -y' },
  { ids: ['fedora', 'rhel', 'centos'], command: 'dnf install -y' },
  { ids: ['arch'], command: 'pacman -S --needed' },
  { ids: ['opensuse', 'suse'], command: 'zypper install -y' },
  { ids: ['alpine'], command: 'apk add' },
];

/** The same in all of these distributions. */
const PACKAGES: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  unshare: 'util-linux',
  runc: 'runc',
};

export function fixForMissing(program: string): Gap {
  const facts = hostFacts();
  const { id, like } = facts.distribution;
  const installer = INSTALLERS.find(({ ids }) => ids.some((name) => name === id || like.includes(name)));
  const name = PACKAGES[program] ?? program;
  const remedy = installer ? asRoot(facts, `${installer.command} ${name}`) : `install ${name}`;
  return { reason: 'not installed', remedy };
}
