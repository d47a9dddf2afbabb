/** Who a task is (credentials(7)): ids, groups and capabilities. Immutable: a change replaces the whole. */
import { CAPABILITIES, type Capability } from '../../linux/capabilities.ts';

/** Bit N of `low` is capability N, of `high` capability 32 + N. */
export interface CapabilitySet {
  readonly low: number;
  readonly high: number;
}

export const NO_CAPABILITIES: CapabilitySet = { low: 0, high: 0 };
export const ALL_CAPABILITIES: CapabilitySet = { low: -1, high: (1 << (CAPABILITIES.length - 32)) - 1 };

export interface Credentials {
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly inheritable: CapabilitySet;
  /** prctl(2), PR_SET_KEEPCAPS. */
  readonly keepCapabilities: boolean;
}

/** Who may use again what such a process has left: somebody with the very same rights (Platform.newAddressSpace). */
export function ownerOf(credentials: Credentials): string {
  const { uid, euid, suid, gid, egid, sgid, groups, permitted } = credentials;
  return [uid, euid, suid, gid, egid, sgid, permitted.low, permitted.high, ...groups].join();
}

/** Those of a process that nobody has changed: root has every capability, others have none. */
export function credentialsOf(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  const capabilities = uid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES;
  return {
    uid,
    euid: uid,
    suid: uid,
    fsuid: uid,
    gid,
    egid: gid,
    sgid: gid,
    fsgid: gid,
    groups,
    permitted: capabilities,
    effective: capabilities,
    inheritable: NO_CAPABILITIES,
    keepCapabilities: false,
  };
}

const numbers = new Map<Capability, number>(CAPABILITIES.map((name, number) => [name, number]));

export function hasCapability(credentials: Credentials, name: Capability): boolean {
  const number = numbers.get(name)!;
  const half = number > 31 ? credentials.effective.high : credentials.effective.low;
  return (half & (1 << (number & 31))) !== 0;
}

export function inGroup(credentials: Credentials, gid: number): boolean {
  return credentials.fsgid === gid || credentials.groups.includes(gid);
}

/** What happens to capabilities when user ids change (capabilities(7), "Effect of user ID changes on capabilities"). */
export function afterIdChange(old: Credentials, changed: Credentials): Credentials {
  let { permitted, effective } = changed;
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  const hasRoot = changed.uid === 0 || changed.euid === 0 || changed.suid === 0;
  if (hadRoot && !hasRoot && !old.keepCapabilities) permitted = effective = NO_CAPABILITIES;
  if (old.euid === 0 && changed.euid !== 0) effective = NO_CAPABILITIES;
  if (old.euid !== 0 && changed.euid === 0) effective = permitted;
  return { ...changed, permitted, effective };
}

/** execve(2) without set-user-ID bits: root has all, others what is left of theirs (none, as there are no file capabilities). */
export function afterExec(old: Credentials): Credentials {
  const root = old.euid === 0 || old.uid === 0;
  const permitted = root ? ALL_CAPABILITIES : NO_CAPABILITIES;
  const effective = old.euid === 0 ? permitted : NO_CAPABILITIES;
  return {
    ...old,
    suid: old.euid,
    fsuid: old.euid,
    sgid: old.egid,
    fsgid: old.egid,
    permitted,
    effective,
    keepCapabilities: false,
  };
}
