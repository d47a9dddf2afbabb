/** Compilers: a static program is built and run, since that is what the build makes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../process.ts';
import type { Finding, ProbeDefinition } from '../result.ts';

/** Each needs something of its language's library, so that the static archive must be there. */
const SOURCES = {
  c: '#include <stdlib.h>\nint main(void) { return atoi("42"); }\n',
  'c++': 'int main() { return *new int(42); }\n',
};

async function compile(
  command: string,
  language: keyof typeof SOURCES,
  signal: AbortSignal,
): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'ring3-doctor-'));
  try {
    const program = join(folder, 'program');
    const built = await run(
      command,
      ['-x', language, '-static', '-o', program, '-'],
      signal,
      SOURCES[language],
    );
    if (built.error)
      return { ok: false, seen: `${command} is not installed`, errno: built.error.code ?? 'ENOENT' };
    if (built.status !== 0) {
      const complaint = built.stderr.split('\n').find((line) => /error|cannot/i.test(line)) ?? built.how;
      return { ok: false, seen: `${command} -static: ${complaint.trim()}` };
    }
    const { status, how } = await run(program, [], signal);
    if (status !== 42) return { ok: false, seen: `a compiled program that returns 42 ended with ${how}` };
    return { ok: true, seen: `${command} -static made a program that runs` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const otherwise = () => 'what is built already keeps working; nothing can be built anew';

export const toolProbes: ProbeDefinition[] = [
  {
    id: 'compiler.c',
    title: 'C compiler',
    group: 'tools',
    neededBy: [],
    why: 'the small guests of the labs are C',
    otherwise,
    look: (signal) => compile('cc', 'c', signal),
  },
  {
    id: 'compiler.c++',
    title: 'C++ compiler',
    group: 'tools',
    neededBy: [],
    why: 'the addon and its helper are C++',
    otherwise,
    look: (signal) => compile('g++', 'c++', signal),
  },
];
