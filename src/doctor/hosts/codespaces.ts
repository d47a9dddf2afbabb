/** GitHub Codespaces: a container whose options stand in the repository. */
import { optionsFor } from './container.ts';
import type { HostKind } from './kind.ts';

/** `--security-opt a=b` is two arguments there. */
function runArgs(options: readonly string[]): string {
  return JSON.stringify({ runArgs: options.flatMap((option) => option.split(' ')) }).slice(1, -1);
}

export const codespaces: HostKind = {
  is: (facts) => facts.codespaces,
  title: () => 'in Codespaces',
  fix(problem) {
    if (problem.id === 'cores') return 'change the machine type of the codespace to 2 cores or more';
    if (problem.id === 'kvm') return undefined;
    const options = optionsFor(problem);
    if (options.length === 0) return undefined;
    return `in .devcontainer/devcontainer.json: ${runArgs(options)}, then the command "Codespaces: Rebuild Container"`;
  },
};
