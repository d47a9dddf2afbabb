/** An image and a piece of host around it, fresh for every child: names and contents are drawn, and removed after. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { currentUser, helperPath, hostIdMaps } from 'ring3';
import type { Examination } from 'ring3/grade';
import type { RootfsSpec } from '../exercise.ts';

export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Who the child's root is on the host: us, or, when we are root, nobody there. A mistake in a submission's steps then
 * has no more rights on the host than an ordinary user's.
 */
export function childOwner(): Owner {
  const user = currentUser();
  if (!user.root) return { uid: user.uid, gid: user.gid };
  const { uid, gid } = hostIdMaps(user).step;
  return { uid: uid[0]?.outside ?? user.uid, gid: gid[0]?.outside ?? user.gid };
}

export class Image {
  /** The piece of host: what is in it, and not in the image, must stay out of reach. */
  readonly host: string;
  readonly root: string;
  readonly owner: Owner = childOwner();
  /** A file of the host that no child should ever read, and what is in it. */
  readonly secret: string;
  readonly token: string;

  constructor({ random, defer }: Examination) {
    this.host = mkdtempSync(join(tmpdir(), 'ring3-lab-'));
    defer(() => rmSync(this.host, { recursive: true, force: true }));
    chmodSync(this.host, 0o755);
    this.own(this.host);
    this.root = join(this.host, `image-${random.word(6)}`);
    this.token = `secret-${random.word(12)}`;
    this.secret = join(this.host, `secret-${random.word(6)}`);
    writeFileSync(this.secret, this.token);
    this.directory(this.root);
    this.directory(join(this.root, 'bin'));
    copyFileSync(helperPath('breakout'), join(this.root, 'bin', 'breakout'));
  }

  /** A directory, in the image or beside it, that belongs to the child's root; with those above it. */
  directory(path: string): string {
    if (!path.startsWith(this.host)) throw new Error(`${path} is outside of ${this.host}`);
    if (path !== this.host) this.directory(dirname(path));
    mkdirSync(path, { recursive: true });
    this.own(path);
    return path;
  }

  file(path: string, content: string): string {
    this.directory(dirname(path));
    writeFileSync(path, content);
    this.own(path);
    return path;
  }

  /** A specification that asks for nothing but the root. */
  spec(more: Partial<RootfsSpec> = {}): RootfsSpec {
    return {
      root: this.root,
      readonly: false,
      binds: [],
      masked: [],
      readonlyPaths: [],
      workdir: '/',
      ...more,
    };
  }

  private own(path: string): void {
    chownSync(path, this.owner.uid, this.owner.gid);
  }
}
