/** sed, awk, grep and their kin. */
import { command, sh, type Case } from '../case.ts';

const everywhere = true;

export const text: Case[] = [
  command(['sed', '-n', '-e', '/beta/{=;p}', '-e', '$s/a/A/gp', 'tree/a.txt']),
  sh(
    'sed -i rewrites a file',
    `
    sed -i.old -e 's/apple/APPLE/' -e 's/^\\(.\\)\\(.*\\)$/\\2\\1/' words.txt; diff words.txt.old words.txt; ls
    sed -E 'N;s/(.*)\\n(.*)/\\2 \\1/' tree/a.txt; seq 6 | sed '2~2d;$!G' | od -c
  `,
  ),
  command(
    [
      'awk',
      '-F,',
      'NR > 1 { n[$1] += $3 } END { for (k in n) print k, n[k] | "sort"; close("sort"); print NR }',
      'table.csv',
    ],
    { name: 'awk: sums by key, through sort' },
  ),
  sh(
    'awk reads from a command and writes to several',
    `
    awk 'BEGIN { while (("sort -u words.txt" | getline w) > 0) { print toupper(w) > "upper"; n++ } print n; printf "%5.2f %s\\n", atan2(0,-1), substr("hello", 2, 3) }'
    cat upper; awk '{ print length($0) ":" $0 | "sort -n | head -n 3" }' words.txt; awk 'BEGIN { exit 4 }'; echo $?; awk 'BEGIN { print system("exit 3") }'
  `,
  ),
  sh(
    'grep -r, and its status',
    `
    grep -rn alpha tree | sort; grep -c apple words.txt; grep -E '^(p|q).*e' words.txt; grep -v -w -i FIG words.txt | wc -l
    grep -q zzz words.txt; echo $?; grep x no-such; echo $?; grep -rL alpha tree | sort; grep -c '' noise.bin; grep -obUaP '\\x00\\x01' noise.bin | wc -l
  `,
    { everywhere },
  ),
  sh(
    'diff, cmp, patch',
    `
    sort -u words.txt > new; diff -u --label a --label b words.txt new > change; echo $?; cat change; patch -s words.txt change; cmp words.txt new && echo equal
    cp noise.bin other; printf x | dd of=other bs=1 seek=500 conv=notrunc 2>/dev/null; cmp noise.bin other; echo $?; cmp -l noise.bin other
  `,
    { needs: ['diff', 'patch'] },
  ),
  command(['ed', '-s', 'words.txt'], {
    name: 'ed: edits by a script',
    input: '1,3p\ng/apple/s//APPLE/\n,p\nw\nq\n',
  }),
  command(['bc', '-l'], {
    name: 'bc: thirty digits',
    input: 'scale=30\n4*a(1)\n2^100\nfor (i=0;i<3;i++) i^2\nquit\n',
  }),
  command(['file', 'words.txt', 'hello.c', 'tree/run.sh', 'noise.bin', 'tree', '/bin/true']),
  sh(
    'iconv, rev, column',
    `
    printf 'gr\\374n' | iconv -f latin1 -t utf-8 | od -An -tx1; column -t -s, table.csv; rev tree/a.txt
  `,
  ),
];
