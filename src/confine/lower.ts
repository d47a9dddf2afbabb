/** From a step's words to the numbers that system calls take: what native/spawn reads, field by field. */
import { capabilityMask } from '../linux/capabilities.ts';
import { MOUNT_ATTR, MS_REC, PROPAGATION } from '../linux/mounts.ts';
import { CLONE_FLAGS } from '../linux/namespaces.ts';
import { RESOURCES } from '../linux/resources.ts';
import { SECUREBITS, type IdRange, type MountAttribute, type Step } from './plan.ts';

/** A number, a text, raw bytes, or a list of numbers or texts. */
export type Value = number | bigint | boolean | string | Uint8Array | readonly (number | string)[];

/** RLIM_INFINITY (getrlimit(2)). */
const UNLIMITED = 0xffff_ffff_ffff_ffffn;
/** SECCOMP_FILTER_FLAG_LOG (seccomp(2)). */
const SECCOMP_LOG = 2;

function attributeBits(attributes: readonly MountAttribute[]): number {
  return attributes.reduce((bits, name) => bits | MOUNT_ATTR[name], 0);
}

function ranges(map: readonly IdRange[]): number[] {
  return map.flatMap(({ inside, outside, count }) => [inside, outside, count]);
}

const limit = (value: number | 'unlimited'): number | bigint => (value === 'unlimited' ? UNLIMITED : value);

/** A step's fields by the names that native/spawn/plan.h gives them; those that are not named here are taken as they are. */
export function lower(step: Step): Record<string, Value> {
  switch (step.step) {
    case 'namespaces':
      return { flags: step.types.reduce((flags, type) => flags | CLONE_FLAGS[type], 0) };
    case 'idMap':
      return {
        uid: ranges(step.uid),
        gid: ranges(step.gid),
        denySetgroups: step.setgroups === 'deny',
        helper: step.via === 'helper',
      };
    case 'cgroupJoin':
      return { path: step.path, clone: step.how === 'clone' };
    case 'propagation':
      return { target: step.target, flags: PROPAGATION[step.type] | (step.recursive ? MS_REC : 0) };
    case 'overlay':
      return { ...step, attributes: attributeBits(step.attributes), idMappedAt: step.idMappedAt ?? '' };
    case 'mount':
    case 'bind':
      return { ...step, attributes: attributeBits(step.attributes) };
    case 'attributes':
      return { ...step, attributes: attributeBits(step.set) };
    case 'rlimit':
      return { resource: RESOURCES.indexOf(step.resource), soft: limit(step.soft), hard: limit(step.hard) };
    case 'securebits':
      return { bits: step.set.reduce((bits, name) => bits | (1 << SECUREBITS.indexOf(name)), 0) };
    case 'boundingSet':
      return { keep: capabilityMask(step.keep) };
    case 'capabilities':
      return {
        effective: capabilityMask(step.effective),
        permitted: capabilityMask(step.permitted),
        inheritable: capabilityMask(step.inheritable),
      };
    case 'ambientSet':
      return { set: capabilityMask(step.set) };
    case 'seccomp':
      return { program: Buffer.from(step.program, 'base64'), flags: step.log ? SECCOMP_LOG : 0 };
    default:
      return step;
  }
}
