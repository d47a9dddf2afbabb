/**
 * How an error leaves a system call from deep inside: thrown, caught by the dispatcher, answered as -errno.
 *
 * What is expected in the ordinary course of things (a path that is not there, a pipe that is empty) is returned as a
 * negative number instead: throwing costs microseconds. A failure is made once per errno and has no stack trace.
 */
export class Failure {
  readonly errno: number;

  constructor(errno: number) {
    this.errno = errno;
  }
}

const failures = new Map<number, Failure>();

/** Ends the system call under way with `errno`, a positive number of src/linux/errno.ts. */
export function fail(errno: number): never {
  let failure = failures.get(errno);
  if (!failure) failures.set(errno, (failure = new Failure(errno)));
  throw failure;
}
