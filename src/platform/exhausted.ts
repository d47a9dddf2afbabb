/** The sandbox has as many processes or threads as it can have; fork(2) says EAGAIN. */
export class Exhausted extends Error {
  override name = 'Exhausted';

  constructor(what: 'processes' | 'threads') {
    super(`There are too many ${what} in this sandbox.`);
  }
}
