/** A limit that cannot be had here, or a group that does not obey. `hint` is the next thing to do. */
export class CgroupError extends Error {
  readonly hint: string;
  constructor(problem: string, hint: string, options?: ErrorOptions) {
    super(hint ? `${problem}: ${hint}` : problem, options);
    this.name = 'CgroupError';
    this.hint = hint;
  }
}
