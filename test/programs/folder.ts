/** The folder that every command starts in: the same names, contents, modes and times each time it is made. */
import { chmodSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WORDS = 'pear apple fig apple quince plum fig apple medlar cherry pear sloe'.split(' ');

const HELLO = `#include <stdio.h>
int main(int argc, char **argv) {
  printf("hello from %d argument%s\\n", argc - 1, argc == 2 ? "" : "s");
  for (int i = 1; i < argc; i++) puts(argv[i]);
  return argc;
}
`;

const MAKEFILE = `all: sum.txt
sum.txt: one.txt two.txt
\tcat one.txt two.txt > $@
%.txt:
\techo $* > $@
clean:
\trm -f *.txt
`;

const TABLE = `name,year,price
fig,2019,3.50
apple,2021,1.25
plum,2020,2.75
apple,2018,1.10
`;

/** Bytes without a pattern that a compressor would find. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

const FILES: Record<string, string | Buffer> = {
  'words.txt': `${WORDS.join('\n')}\n`,
  'numbers.txt': `${Array.from({ length: 200 }, (_, i) => (i * 7919) % 211).join('\n')}\n`,
  'table.csv': TABLE,
  'noise.bin': noise(70_000),
  'hello.c': HELLO,
  'build/Makefile': MAKEFILE,
  'tree/a.txt': 'alpha\nbeta\ngamma\n',
  'tree/with space.txt': 'spaced\n',
  'tree/sub/b.txt': 'delta\nalpha\n',
  'tree/sub/deep/c.log': 'error: one\nnote: two\nerror: three\n',
  'tree/sub/deep/empty': '',
  'tree/run.sh': '#!/bin/sh\necho "run with $# arguments: $*"\nexit 3\n',
};

/** Fills an empty folder. */
export function fill(folder: string): void {
  mkdirSync(join(folder, 'tree/bare'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, name.endsWith('.sh') ? 0o755 : 0o644);
  }
  symlinkSync('sub/b.txt', join(folder, 'tree/link'));
  symlinkSync('nowhere', join(folder, 'tree/dangling'));
  settle(folder);
}

/** Gives everything the same time, folders last: making an entry touches them. */
function settle(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) settle(path);
    else lutimesSync(path, 1_700_000_000, 1_700_000_000);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, 1_700_000_000, 1_700_000_000);
}
