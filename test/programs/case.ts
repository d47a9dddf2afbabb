/** One row of the table: a command of an ordinary Debian machine, which must not notice whose kernel it runs on. */

export interface Case {
  /** What is run, in a few words; unique. */
  name: string;
  argv: readonly string[];
  /** Programs without which the row means nothing here. */
  needs: readonly string[];
  /** Standard input; nothing by default. */
  input: string;
  /** Runs on every platform, not only the best one. */
  everywhere: boolean;
  /** Standard error is not compared: it has pids, times or addresses in it. */
  looseErrors: boolean;
}

export type CaseOptions = Partial<Pick<Case, 'needs' | 'input' | 'everywhere' | 'looseErrors'>>;

export function command(argv: readonly string[], options: CaseOptions & { name?: string } = {}): Case {
  const { name = argv.join(' '), needs = [], input = '', everywhere = false, looseErrors = false } = options;
  return { name, argv, needs: [argv[0]!, ...needs], input, everywhere, looseErrors };
}

/** A row whose program reads a script: `interpreter -c script`. */
function scripted(interpreter: string, flag: string) {
  return (name: string, script: string, options: CaseOptions = {}): Case =>
    command([interpreter, flag, script.trim()], { ...options, name: `${interpreter}: ${name}` });
}

/** dash, on Debian. */
export const sh = scripted('sh', '-c');
export const bash = scripted('bash', '-c');
export const perl = scripted('perl', '-e');
export const python = scripted('python3', '-c');
export const node = scripted('node', '-e');
