/** What the stub says of a guest cannot be: the guest has overwritten it, and its process must end. */
export class BrokenGuest extends Error {
  override name = 'BrokenGuest';

  constructor() {
    super('The guest has overwritten the state of its own stub.');
  }
}
