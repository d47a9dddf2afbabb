/** Loads libseccomp by FFI and calls it. */
import { libseccompVersion } from '../../../confine/seccomp/libseccomp.ts';
import { answer } from './answer.ts';

await answer(async () => `version ${libseccompVersion()}, called by FFI`);
