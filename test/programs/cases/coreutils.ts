/** coreutils: files, their attributes, and the programs that read a stream. */
import { command, sh, type Case } from '../case.ts';

const everywhere = true;

export const coreutils: Case[] = [
  command(['true'], { everywhere }),
  command(['false']),
  command(['echo', '-e', 'one\\ttwo', 'ü']),
  command(['env', '-i', 'A=1', 'B=two words', 'env'], { everywhere }),
  command(['cat', 'tree/a.txt', '-', 'no-such-file'], { input: 'from the pipe\n', everywhere }),
  command(['ls', '-lRgo', '--time-style=full-iso', 'tree'], { everywhere }),
  command(['ls', '-la', 'no-such-file']),
  command(['stat', '-c', '%n %s %F %a %h %Y %y %b', 'words.txt', 'tree', 'tree/link']),
  sh('du adds up', 'du -ab tree | sort; du -b -d 1 --exclude=deep tree | sort -n | tail -n 1'),
  sh(
    'find by time, type and size',
    'find tree -newermt 2001-01-01 -type f -size -2 | sort; find . -newer words.txt; find tree -empty -o -perm -111 -type f | sort',
  ),
  sh(
    'find executes, and counts what it finds',
    `
    find tree -type f -exec wc -c {} + | sort
    find tree -name '*.txt' -exec grep -l alpha {} \\; | sort
    find tree -type l -printf '%p -> %l\\n' | sort
  `,
    { everywhere },
  ),
  sh(
    'xargs, in batches and beside each other',
    `
    find tree -type f -print0 | sort -z | xargs -0 -n 2 echo batch:
    seq 20 | xargs -P 4 -n 5 sh -c 'echo $(( $1 + $2 + $3 + $4 + $5 ))' sum | sort -n
    echo bad | xargs false; echo $?
  `,
  ),
  sh(
    'cp -a keeps links, modes and times',
    `
    cp -a tree copy && diff -r --no-dereference tree copy && echo same
    cd copy && find . -type d -printf '%p %m %t\\n' -o -printf '%p %m %s %n %t %l\\n' | sort
  `,
    { everywhere },
  ),
  sh(
    'sort, uniq, cut, tr, head, tail',
    `
    sort words.txt | uniq -c | sort -k1,1nr -k2 | head -n 4
    cut -d, -f1,3 table.csv | tr a-z A-Z | tail -n +2 | sort -t, -k2 -n
    sort -n numbers.txt | tail -n 3; sort -rnu numbers.txt | head -n 3
  `,
    { everywhere },
  ),
  sh(
    'wc and checksums of binary data',
    `
    wc words.txt numbers.txt noise.bin; sha256sum noise.bin words.txt > sums; md5sum noise.bin; cksum noise.bin
    sha256sum -c sums; echo x >> words.txt; sha256sum -c sums; echo $?
  `,
    { everywhere },
  ),
  sh(
    'split, join, paste, comm, nl, tac, fold, fmt',
    `
    split -b 20000 -d noise.bin part. && ls -go --time-style=+ part.* && cat part.* | cmp - noise.bin && echo whole
    sort words.txt | uniq > a; sort table.csv | join -t, -a 2 a - ; paste -d: a a | head -n 2
    sort tree/a.txt > b; sort tree/sub/b.txt | comm b -; nl tree/a.txt; tac tree/a.txt; fold -w 4 tree/a.txt
  `,
  ),
  sh(
    'dd, od and truncate make holes',
    `
    dd if=noise.bin of=piece bs=1000 skip=3 count=2 seek=1 2>&1 | head -n 2
    od -A d -t x1 -N 32 piece; od -c tree/a.txt | head -n 2
    truncate -s 1M sparse; stat -c '%s %b' sparse; printf end >> sparse; tail -c 5 sparse | od -c
  `,
  ),
  sh(
    'date with a fixed zone',
    `
    TZ=UTC date -d @1700000000; TZ=Europe/Berlin date -d '2024-07-01 12:00 UTC' '+%F %T %Z'
    TZ=America/New_York date -d '2024-03-10 01:30 EST + 1 hour' +%c; date -r words.txt -u +%s
  `,
  ),
  sh(
    'touch -d, chmod, umask',
    `
    touch -d '2020-02-29 12:34:56.789 UTC' new; stat -c '%y %Y' new; touch -r words.txt new; stat -c %y new
    chmod u=rw,g=r,o= new; stat -c %A new; chmod 4711 new; stat -c '%A %a' new; umask 027; mkdir d; > f; stat -c %a d f
    chmod -R a-w tree && ls -lRgo --time-style=+ tree | head -n 5
  `,
  ),
  sh(
    'mv, ln, rm -r, rmdir, readlink, realpath',
    `
    mv tree/sub tree/moved && ls tree; ln tree/a.txt hard; ln -s tree/moved soft; stat -c %h hard tree/a.txt
    readlink soft tree/link; realpath --relative-to=. soft/deep tree/link; readlink -e tree/link || echo broken
    mv hard tree/; rmdir tree; rm -r tree; ls; ln -sf words.txt soft; cat soft | head -n 1; mv -n words.txt table.csv; ls
  `,
    { everywhere },
  ),
  sh(
    'install and mktemp',
    `
    install -D -m 750 tree/run.sh opt/bin/run && stat -c '%a %s' opt/bin/run && opt/bin/run a 'b c'; echo $?
    install -d -m 700 one/two; stat -c %a one one/two; file=$(mktemp -p . name.XXXX); stat -c '%a %s' $file; expr length $file
  `,
  ),
  sh(
    'tee into several files, and a pipe that nobody reads',
    `
    printf 'a\\nb\\n' | tee one two > three; tee -a one < three; cat one two
    seq 100000 | head -n 1; yes | head -n 2; seq 100000 | (sleep 0.01; exec head -c 5); echo; yes | true; echo $?
  `,
    { everywhere },
  ),
  sh(
    'mkfifo joins two processes',
    `
    mkfifo pipe && stat -c '%F %a' pipe; (for i in 1 2 3; do echo line $i; done > pipe) & cat pipe; wait $!; echo $?
    sort < pipe & printf 'b\\na\\n' > pipe; wait
  `,
    { everywhere },
  ),
  sh(
    'timeout, sleep and their status',
    `
    timeout 0.05 sleep 5; echo $?; timeout -s KILL 0.05 sleep 5; echo $?; timeout 5 false; echo $?
    timeout --preserve-status 0.05 sleep 5; echo $?; timeout 1 no-such; echo $?
  `,
    { looseErrors: true },
  ),
  sh(
    'test looks at files',
    `
    t() { test "$@" && echo "$*" || echo "not $*"; }
    t -f words.txt; t -d tree; t -L tree/link; t -e tree/dangling; t -x tree/run.sh; t -x words.txt; t -s tree/sub/deep/empty
    t words.txt -nt hello.c; t words.txt -ef tree/../words.txt; t -c /dev/null; t -t 0; t -w words.txt
  `,
  ),
  sh(
    'expr, printf, seq, factor, numfmt, basename',
    `
    expr 7 \\* 6 - 2; expr abcde : 'a\\(.*\\)e'; printf '%05.1f|%-6s|%x|%b\\n' 3.14159 ab 255 'x\\ty'; seq -s, -w 8 11
    factor 1234567890; numfmt --to=iec 123456789; basename /a/b.c .c; dirname /a/b.c
  `,
  ),
  sh(
    'shuf and sort -R by a fixed source',
    `
    shuf --random-source=noise.bin numbers.txt | head -n 5; shuf -i 1-10 --random-source=noise.bin | tr '\\n' ' '
    sort -R --random-source=noise.bin words.txt | head -n 3
  `,
  ),
  sh(
    'base64, basenc and a round trip',
    `
    head -c 50 noise.bin | base64; base64 noise.bin | base64 -d | cmp - noise.bin && echo same; printf hi | base32
  `,
  ),
  sh(
    'id, whoami, tty, nice, pwd',
    `
    id -u; id -g; tty; echo $?; nice -n 19 nice; pwd | sed 's/.*\\///' | wc -l; (cd tree/sub && cd .. && ls)
  `,
  ),
  sh(
    'the ends of the device files',
    `
    head -c 4 /dev/zero | od -An -tx1; cat /dev/null; echo x > /dev/full; echo $?; head -c 1000 /dev/urandom | wc -c
    echo gone > /dev/null; ls -go --time-style=+ /dev/null /dev/zero | cut -d' ' -f1; readlink /dev/fd /dev/stdin
  `,
  ),
  sh(
    'a big file sorted by merging',
    `
    seq 60000 | awk '{ print ($1 * 7919) % 60013, $1 }' | sort -n -S 200k -T . --parallel=1 | sha256sum; ls
  `,
    { needs: ['awk'] },
  ),
];
