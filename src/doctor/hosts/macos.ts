/** macOS has no Linux kernel; a virtual machine made by Lima has one. */
import type { HostKind } from './kind.ts';

const RECIPE = `macOS has no Linux kernel, and ring3 is about one. Lima makes a virtual machine that has:

  brew install lima
  limactl start --name=ring3 --cpus=2 --memory=4 template://debian-13
  limactl shell ring3

and inside it, in a folder of its own (the Mac's own home is read-only there):

  cd ~ && sudo apt-get update
  sudo apt-get install -y git build-essential python3 libseccomp2 uidmap nodejs npm
  git clone … ring3 && cd ring3 && npm start

Not an amd64 container on an Apple processor: what emulates amd64 there has no ptrace and no seccomp.`;

export const macos: HostKind = {
  is: ({ platform }) => platform === 'darwin',
  title: () => 'macOS',
  fix: () => undefined,
  stop: () => RECIPE,
};

/** Whatever else is not Linux. */
export const elsewhere: HostKind = {
  is: ({ platform }) => platform !== 'linux' && platform !== 'darwin',
  title: ({ platform }) => (platform === 'win32' ? 'Windows' : platform),
  fix: () => undefined,
  stop: ({ platform }) =>
    platform === 'win32'
      ? 'ring3 needs a Linux kernel. In PowerShell: wsl --install, then work inside.'
      : 'ring3 needs a Linux kernel: work in a virtual machine.',
};
