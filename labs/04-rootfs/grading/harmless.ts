/**
 * Steps are carried out with the rights of whoever grades. Before the pivot they could make things anywhere on the host,
 * after it through whatever they have bound: so what a list makes is followed on paper first.
 *
 * A list may make directories, empty files and the links of /dev, in the image, in what the specification binds and in
 * file systems that it mounts itself. It may show any part of the host (that is what wrong answers do), and change none.
 */
import { posix } from 'node:path';
import type { Step } from 'ring3';
import { wrong } from 'ring3/grade';
import type { RootfsSpec } from '../exercise.ts';
import { isBelow } from './mounts.ts';

/** An overlay would write to its upper directory, wherever that is. */
const MOUNTABLE = ['proc', 'tmpfs', 'devpts', 'sysfs', 'mqueue'];
const LINK_TARGETS = /^(\/proc\/self\/fd(\/[012])?|\/proc\/kcore|(\/dev\/)?pts\/ptmx)$/;

type Maker = Extract<Step, { step: 'directory' | 'file' | 'symlink' }>;
const makes = (step: Step): step is Maker =>
  step.step === 'directory' || step.step === 'file' || step.step === 'symlink';

class Walk {
  private spec: RootfsSpec;
  /** Where something of the host shows that is not to be changed, and what leads elsewhere. */
  private foreign: string[] = [];
  private links: string[] = [];
  private pivoted = false;
  private lost = false;

  constructor(spec: RootfsSpec) {
    this.spec = spec;
  }

  /** What is wrong with the step, or ''. */
  problem(step: Step): string {
    if (makes(step)) return this.making(step);
    if (step.step === 'mount' && !MOUNTABLE.includes(step.type))
      return `mounts ${step.type}, which is none of ${MOUNTABLE.join(', ')}`;
    if (step.step === 'resolveIn' && step.root !== this.spec.root)
      return `resolves in ${step.root}, which is not the image`;
    if (step.step === 'pivotRoot') {
      if (step.root !== this.spec.root) return `makes ${step.root} the root, which is not the image`;
      this.pivoted = true;
    }
    if (step.step === 'chroot') this.lost = true;
    if (step.step === 'bind' && !this.isOurs(step.source, this.place(step.target)))
      this.foreign.push(this.place(step.target));
    return '';
  }

  /** The image on its own place, and what the specification binds: the grader's own folders. */
  private isOurs(source: string, target: string): boolean {
    const { root, binds } = this.spec;
    return (
      (source === root && target === root) ||
      binds.some((bind) => bind.source === source && bind.kind === 'directory')
    );
  }

  /** A path as the host saw it before the pivot. */
  private place(path: string): string {
    const plain = posix.normalize(path).replace(/(?<=.)\/$/, '');
    return this.pivoted ? posix.join(this.spec.root, plain) : plain;
  }

  private making(step: Maker): string {
    const place = this.place(step.path);
    const what = `makes the ${step.step} ${step.path}`;
    if (this.lost) return `${what} after a chroot, where a path means anything`;
    if (step.path.split('/').includes('..')) return `${what}, whose path has ".." in it`;
    if (!place.startsWith(`${this.spec.root}/`)) return `${what} on the host`;
    if (this.foreign.some((shown) => isBelow(place, shown)))
      return `${what} in a part of the host that it has bound`;
    if (this.links.some((link) => place.startsWith(`${link}/`)))
      return `${what} by way of a link that it has made`;
    if (step.step === 'file' && step.content !== '') return `${what} with something in it`;
    if (step.step !== 'symlink') return '';
    if (!LINK_TARGETS.test(step.target))
      return `${what} to ${step.target}, which none of /dev’s links leads to`;
    this.links.push(place);
    return '';
  }
}

export function checkHarmless(steps: readonly Step[], spec: RootfsSpec): void {
  const walk = new Walk(spec);
  for (const [index, step] of steps.entries()) {
    const problem = walk.problem(step);
    if (!problem) continue;
    wrong({
      expected:
        'a list that makes directories, empty files and /dev’s links, in the image and what is mounted in it',
      seen: `step ${index} ${problem}`,
      read: 'README.md#the-exercise',
    });
  }
}
