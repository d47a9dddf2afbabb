/** An error as one line for the person at the keyboard. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.RING3_DEBUG) return error.stack ?? error.message;
  return error.message.replaceAll('\n', ' ');
}
