/** dash and bash: processes, pipes, signals and jobs, as scripts use them. */
import { bash, command, sh, type Case } from '../case.ts';

const everywhere = true;

export const shells: Case[] = [
  sh(
    'a pipeline of builtins and programs',
    `
    for word in $(cat words.txt); do echo "$word"; done | sort -u | while read -r w; do printf '%s.' "$w"; done; echo
    { echo out; echo err >&2; } 2>&1 | sed 's/^/> /'; (exit 7); echo $?; ! true; echo $?; false | true; echo $?
  `,
    { everywhere },
  ),
  sh(
    'here-documents',
    `
    name=World; cat <<EOF; cat <<'EOF' | tr a-z A-Z; cat <<-EOF
Hello \${name}, $((6 * 7)), $(echo sub)
EOF
literal $name
EOF
\t\tindented
\tEOF
  `,
    { everywhere },
  ),
  sh(
    'traps on exit and on signals',
    `
    trap 'echo bye' EXIT; trap 'echo usr1' USR1; kill -USR1 $$; kill -USR1 $$; echo after
    sh -c 'trap "echo term; exit 4" TERM; kill -TERM $$; echo not here'; echo $?
    trap '' INT; kill -INT $$; trap - INT; echo survived
  `,
    { everywhere },
  ),
  sh(
    'background jobs and wait',
    `
    (sleep 0.05; exit 3) & a=$!; (sleep 0.02; exit 5) & b=$!; wait $a; echo $?; wait $b; echo $?
    sleep 5 & kill $!; wait $!; echo $?; wait; echo $?; sh -c 'kill -9 $$'; echo $?
  `,
    { everywhere, looseErrors: true },
  ),
  sh(
    'set -e, subshells and functions',
    `
    f() { local x=$1; [ "$x" -gt 2 ] && return 9; f $((x + 1)); }; f 0 || echo $?
    (set -e; false; echo never) || echo failed; x=1; (x=2; echo $x); echo $x; set -- a 'b c' d; echo $# "$2"; shift; echo $1
    set -e; true; false; echo never
  `,
  ),
  sh(
    'redirections',
    `
    exec 3> out 4< words.txt; echo three >&3; read -r first <&4; read -r second <&4; echo $first $second; exec 3>&- 4<&-
    cat out; echo more >> out; wc -l < out; : > out; wc -c < out; ls no-such > both 2>&1; cat both; set -C; echo x > out
  `,
  ),
  sh(
    'case, arithmetic and parameters',
    `
    for f in words.txt hello.c tree; do case $f in *.txt) echo text $f;; *.c) echo source \${f%.c};; *) echo other \${#f};; esac; done
    i=0; while [ $i -lt 5 ]; do i=$((i + 1)); [ $i = 3 ] && continue; echo -n "$((i << i)) "; done; echo; echo \${unset:-default} \${i:+set}
    echo tree/*; echo *.txt; echo "$(( 0x1f ^ 5 ))" "$((-7 / 2))" "$((-7 % 3))"
  `,
  ),
  sh(
    'a command that is not there, not executable, a script',
    `
    no-such-command; echo $?; ./words.txt; echo $?; ./tree/run.sh x y; echo $?; ./tree; echo $?; . ./tree/run.sh
  `,
    { everywhere },
  ),
  sh(
    'the limits of a process',
    `
    ulimit -n 50; ulimit -n; ulimit -c 0; ulimit -c; (ulimit -f 1; head -c 5000 noise.bin > big); echo $?; wc -c < big
  `,
    { looseErrors: true },
  ),
  sh(
    'signals between shells',
    `
    parent=$$; trap 'echo got one; n=1' USR1; sh -c "kill -USR1 $parent"; echo \${n:-0}
    : > log; sh -c 'trap "echo child hup; exit 6" HUP; echo ready; while :; do sleep 0.01; done' > log & child=$!
    until grep -q ready log; do sleep 0.01; done; kill -HUP $child; wait $child; echo $?; cat log
  `,
    { everywhere },
  ),
  command(['sh', '-s', 'one', 'two'], {
    name: 'sh: reads a script from its standard input',
    input: 'echo "$@"\nread line\nthis is data\necho "[$line]"\nexit 12\n',
  }),
  sh(
    'stopped and continued',
    `
    sleep 0.2 & kill -STOP $!; sleep 0.02; sed -n 's/^State:.//p' /proc/$!/status; kill -CONT $!; wait $!; echo $?
  `,
  ),
  command(['sh', '-c', 'kill -TERM $$'], { everywhere, looseErrors: true }),
  command(['sh', '-c', 'exec sh -c "exit 200"']),
  bash(
    'process substitution',
    `
    diff <(sort words.txt) <(sort -u words.txt); echo $?; while read -r n; do ((s += n)); done < <(head -n 9 numbers.txt); echo $s
    tee >(wc -l > lines) < words.txt > /dev/null; wait $!; cat lines
  `,
    { everywhere },
  ),
  bash(
    'arrays, arithmetic, patterns',
    `
    declare -A m=([a]=1 [b]=2); m[c]=3; for k in a b c; do echo -n "$k=\${m[$k]} "; done; echo \${#m[@]}
    a=({1..5}); echo \${a[@]:1:3} \${a[-1]}; [[ foobar =~ o+(.) ]] && echo \${BASH_REMATCH[1]}; x=hello; echo \${x^^} \${x/l/L} \${x:1:3}
    for ((i = 0; i < 3; i++)); do echo -n $((i ** 3)),; done; printf -v y '%03d' 7; echo $y; shopt -s nullglob; echo *.{c,bin} tree/none*
  `,
  ),
  bash(
    'the statuses of a pipeline',
    `
    true | false | (exit 3) | true; echo \${PIPESTATUS[@]}; set -o pipefail; (exit 4) | true; echo $?; ! (exit 1); echo $?
    seq 10 | { read -r a; read -r b; cat > /dev/null; echo $a $b; }; shopt -s lastpipe; echo 5 | read -r v; echo $v
  `,
  ),
  bash(
    'co-process',
    `
    coproc { while read -r line; do echo "<$line>"; done; }; echo hello >&\${COPROC[1]}; read -r line <&\${COPROC[0]}; echo $line
    eval "exec \${COPROC[1]}>&-"; wait $COPROC_PID; echo $?
  `,
    { looseErrors: true },
  ),
  bash(
    'a storm of children',
    `
    p=(); for i in {1..12}; do (exit $i) & p+=($!); done; s=0; for i in \${p[@]}; do wait $i; ((s += $?)); done; echo $s
    (sleep 0.3; exit 6) & wait -n; echo $?; x=$(for i in {1..20}; do (echo $i); done | wc -l); echo $x
  `,
  ),
  bash(
    'set -euo pipefail, and trap ERR',
    `
    trap 'echo failed at $LINENO with $?' ERR; (exit 5) || true; set -uo pipefail; false; echo next
    (echo $unset_variable) ; set -e; cat no-such | sort; echo never
  `,
  ),
  bash(
    'read with a time limit, mapfile',
    `
    read -t 0.05 x < <(sleep 1); echo $(( $? > 128 )); mapfile -t l < words.txt; echo \${#l[@]} \${l[2]}
    IFS=, read -r a b c <<< 'x,y,z'; echo $c $b $a; printf '%s\\0' p q | while IFS= read -r -d '' i; do echo "<$i>"; done
  `,
  ),
  bash(
    'job control',
    `
    set -m; sleep 0.2 & jobs -r > list; fg %1 > /dev/null; echo $?; sed 's/  */ /g' list; (kill -STOP $BASHPID; exit 8) &
    until jobs -s > list && [ -s list ]; do sleep 0.02; done; grep -c Stopped list; kill -CONT %1; wait %1; echo $?
  `,
    { looseErrors: true },
  ),
  bash(
    'a connection that is refused',
    `
    exec 2> /dev/null; (echo > /dev/tcp/127.0.0.1/1) || echo refused
  `,
  ),
];
