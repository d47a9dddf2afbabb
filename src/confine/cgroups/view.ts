/** What discovery looks at: this machine, or in a test a description of another one. */
import { accessSync, constants, readFileSync } from 'node:fs';

export interface View {
  /** The text of a file; undefined when it is not there or may not be read. */
  read(path: string): string | undefined;
  /** The code of the error that writing there would meet (`EACCES`, `EROFS`, `ENOENT`); undefined when we may. */
  refusal(path: string): string | undefined;
}

export const thisMachine: View = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  // access(2) judges the mount too, so that root in a container with a read-only cgroupfs sees EROFS.
  refusal(path) {
    try {
      accessSync(path, constants.W_OK);
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EIO';
    }
  },
};
