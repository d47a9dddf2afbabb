/** Says what was seen as native/programs/probe.c does, and ends the process. */
export async function answer(look: () => Promise<string>): Promise<never> {
  let line: object;
  try {
    line = { ok: true, seen: await look() };
  } catch (error) {
    const { message, code, hint } = error as NodeJS.ErrnoException & { hint?: string };
    line = { ok: false, seen: message.split('\n', 1)[0], errno: code, fix: hint };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
  return new Promise(() => {});
}
