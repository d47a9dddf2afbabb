/**
 * How many tasks use an address space, a table of descriptors or a working directory. clone(2) shares them, and each is
 * released when its last task ends.
 */
export class Sharing {
  readonly #users = new WeakMap<object, number>();

  users(shared: object): number {
    return this.#users.get(shared) ?? 0;
  }

  join(shared: object): void {
    this.#users.set(shared, this.users(shared) + 1);
  }

  /** @returns whether nobody uses it any more */
  leave(shared: object): boolean {
    const left = this.users(shared) - 1;
    this.#users.set(shared, left);
    return left === 0;
  }
}
