/** The user can put it right: one line that says how, printed without a stack. */
export class UserError extends Error {
  override name = 'UserError';
  /** Exit status of the command. */
  status: number;

  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}
