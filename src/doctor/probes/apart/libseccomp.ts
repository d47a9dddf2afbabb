/** Loads libseccomp by FFI and makes a filter with it. */
import { ALLOW, errno } from '../../../confine/seccomp/actions.ts';
import { Filter, libseccompVersion } from '../../../confine/seccomp/libseccomp.ts';
import { answer } from './answer.ts';

await answer(async () => {
  const filter = new Filter(ALLOW);
  filter.rule(errno(123), 'getppid');
  const instructions = filter.exportBpf().length / 8;
  filter.release();
  return `version ${libseccompVersion()} made a filter of ${instructions} instructions`;
});
