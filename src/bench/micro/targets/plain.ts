/** What everything is compared with: the program as a plain child. */
import { plain as plainStart } from '../../targets/plain.ts';
import { gapOf, microCommand } from '../guest.ts';
import type { MicroTarget } from '../target.ts';

export const plain: MicroTarget = {
  name: 'plain',
  family: 'plain',
  title: plainStart.title,
  command: microCommand,
  probe: () => gapOf(microCommand('empty', 1, 0)),
  version: plainStart.version,
};
