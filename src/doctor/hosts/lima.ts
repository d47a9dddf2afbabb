/** A virtual machine that Lima made, as the recipe for macOS says. */
import type { HostKind } from './kind.ts';

export const lima: HostKind = {
  is: (facts) => facts.lima,
  title: () => 'in Lima',
  fix(problem) {
    if (problem.id === 'cores')
      return 'on the Mac: limactl stop ring3 && limactl edit ring3 --cpus=2 --start';
    if (problem.id === 'kvm') return 'on the Mac (M3 or newer): limactl edit ring3 --nested-virt --start';
    if (problem.id === 'file-modes') return 'clone ring3 into the home folder of the virtual machine: cd ~';
    return undefined;
  },
};
