/**
 * Lab 04: a root of one's own, and no way back.
 *
 * You write the steps that stand between lab 02's (the child has namespaces of its own, and is root in them) and
 * lab 03's (it has lost most of its privileges). ring3 carries them out inside the child; then a hostile program runs.
 * What each step does is said in src/confine/plan.ts, and in the handout (README.md).
 */
import type { StepInput } from 'ring3';

export type MountAttribute = 'ro' | 'nosuid' | 'nodev' | 'noexec';

export interface Bind {
  /** A path of the host. */
  source: string;
  /** Where it is to appear: a path inside the new root. The place may not be there yet. */
  target: string;
  /** What the source is. */
  kind: 'directory' | 'file';
  /** With everything that is mounted below the source, or without any of it. */
  recursive: boolean;
  /** What holds for the bind, and with `recursive` for every mount below it. */
  attributes: MountAttribute[];
}

export interface RootfsSpec {
  /**
   * An image: a directory of the host that becomes `/`. Whoever made it may be our enemy. Below it other file
   * systems may be mounted, which belong to it.
   */
  root: string;
  /** Nothing in the image, with all that is mounted in it, can be written. (What you mount yourself can.) */
  readonly: boolean;
  binds: Bind[];
  /** Paths inside that must read as empty, where they exist. */
  masked: string[];
  /** Paths inside that can be read and not be written, with all that is mounted below them; where they exist. */
  readonlyPaths: string[];
  /** The working directory, inside. */
  workdir: string;
}

/**
 * Allowed steps: propagation, resolveIn, mount, bind, attributes, unmount, directory, file, symlink, mask, pivotRoot,
 * chroot, workdir.
 */
export function rootfs(spec: RootfsSpec): StepInput[] {
  // TODO task propagation: cut the new mount namespace loose
  // TODO task pivot: the image becomes the root, the old root goes, the child stands in workdir
  // TODO tasks proc, dev, binds, links, masks, readonly: what is to be seen in it, in an order that holds
  throw new Error(`not written yet: rootfs(${spec.root})`);
}
