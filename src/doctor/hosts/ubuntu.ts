/**
 * Ubuntu since 23.10: a program without an AppArmor profile gets a user namespace in which it has no capabilities, so
 * that writing the id map is refused. A profile for ring3's executables gives just them the right.
 */
import type { HostFacts } from '../host.ts';
import { asRoot, isNamespace, type HostKind } from './kind.ts';

const PROFILE_PATH = '/etc/apparmor.d/ring3';

/** The profile's own language has wildcards (apparmor.d(5), "Globbing"). */
function quoted(path: string): string {
  return path.replace(/[\\"{}[\]*?^,]/g, '\\$&');
}

/** `unconfined`: it grants user namespaces and restricts nothing else. */
export function appArmorProfile(facts: HostFacts): string {
  return [
    'abi <abi/4.0>,',
    'include <tunables/global>',
    '',
    `profile ring3 "${quoted(facts.executables)}/{ring3-shim,probe}" flags=(unconfined) {`,
    '  userns,',
    '  include if exists <local/ring3>',
    '}',
  ].join('\n');
}

function installProfile(facts: HostFacts): string {
  return [
    `${asRoot(facts, `tee ${PROFILE_PATH}`)} >/dev/null <<'END'`,
    appArmorProfile(facts),
    'END',
    asRoot(facts, `apparmor_parser -r ${PROFILE_PATH}`),
  ].join('\n');
}

export const ubuntu: HostKind = {
  is: ({ appArmorRestricts }) => appArmorRestricts,
  title: () => 'with AppArmor in charge of user namespaces',
  fix(problem, facts) {
    // Inside a container the profile of the container rules, and none can be installed.
    if (facts.container || problem.errno === 'ENOSPC') return undefined;
    const denied = problem.errno === 'EPERM' || problem.errno === 'EACCES';
    return denied && (isNamespace(problem) || problem.id === 'capabilities')
      ? installProfile(facts)
      : undefined;
  },
};
