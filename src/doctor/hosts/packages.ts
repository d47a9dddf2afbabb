/** What to install for a probe, by family of distribution. */
import type { HostFacts } from '../host.ts';
import { asRoot, type Problem } from './kind.ts';

interface Family {
  /** ids of os-release(5), as ID or in ID_LIKE. */
  ids: readonly string[];
  install: string;
  packages: Readonly<Record<string, string>>;
}

const FAMILIES: readonly Family[] = [
  {
    ids: ['debian', 'ubuntu'],
    install: 'apt-get install -y',
    packages: {
      'compiler.c': 'build-essential',
      'compiler.c++': 'build-essential',
      libseccomp: 'libseccomp2',
      'user-namespace.multi-id': 'uidmap',
    },
  },
  {
    ids: ['fedora', 'rhel', 'centos'],
    install: 'dnf install -y',
    packages: {
      'compiler.c': 'gcc glibc-static',
      'compiler.c++': 'gcc-c++ make glibc-static libstdc++-static',
      libseccomp: 'libseccomp',
      'user-namespace.multi-id': 'shadow-utils',
    },
  },
  {
    ids: ['arch'],
    install: 'pacman -S --needed',
    packages: {
      'compiler.c': 'base-devel',
      'compiler.c++': 'base-devel',
      libseccomp: 'libseccomp',
      'user-namespace.multi-id': 'shadow',
    },
  },
  {
    ids: ['opensuse', 'suse'],
    install: 'zypper install -y',
    packages: {
      'compiler.c': 'gcc glibc-devel-static',
      'compiler.c++': 'gcc-c++ make glibc-devel-static',
      libseccomp: 'libseccomp2',
      'user-namespace.multi-id': 'shadow',
    },
  },
  {
    ids: ['alpine'],
    install: 'apk add',
    packages: {
      'compiler.c': 'build-base',
      'compiler.c++': 'build-base',
      libseccomp: 'libseccomp',
      'user-namespace.multi-id': 'shadow-subids',
    },
  },
];

/** The command that installs what the probe missed; undefined when no package helps or the family is unknown. */
export function installCommand({ id }: Problem, facts: HostFacts): string | undefined {
  const { id: distribution, like } = facts.distribution;
  const family = FAMILIES.find(({ ids }) => ids.some((name) => name === distribution || like.includes(name)));
  const packages = family?.packages[id];
  return packages === undefined ? undefined : asRoot(facts, `${family!.install} ${packages}`);
}
