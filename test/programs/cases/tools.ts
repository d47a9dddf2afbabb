/** What developers run: git, a compiler, make, node, busybox. */
import { command, node, sh, type Case } from '../case.ts';

const everywhere = true;
const AUTHOR =
  'export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@x GIT_AUTHOR_DATE="1700000000 +0000" GIT_COMMITTER_DATE="1700000000 +0000" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null';

export const tools: Case[] = [
  sh(
    'git init, add, commit, log',
    `
    ${AUTHOR}; git init -q -b main . && git add -A && git commit -q -m first && git log --stat --format='%H %an %ad %s'; git status --short; git fsck
  `,
    { needs: ['git'], everywhere },
  ),
  sh(
    'git branches, merges, diffs, clones',
    `
    ${AUTHOR}; git init -q -b main . && git add tree words.txt && git commit -q -m one; git checkout -q -b side; sed -i 1d words.txt; git commit -qam two; git checkout -q main; echo more >> tree/a.txt; git commit -qam three
    git merge -q --no-edit side; git log --oneline --graph; echo x >> words.txt; git diff | tail -n 3; git stash -q; git blame -s tree/a.txt; git gc -q; git count-objects -v | grep in-pack; git clone -q . copy && git -C copy rev-parse HEAD; git grep -n alpha
  `,
    { needs: ['git'] },
  ),
  sh(
    'gcc hello.c && ./a.out',
    'gcc hello.c && ./a.out one "two three"; echo $?; gcc -O2 -c hello.c && ls *.o && nm hello.o | grep -c main; echo "int main(){return x;}" | gcc -xc - 2>/dev/null; echo $?',
    { needs: ['gcc'], everywhere },
  ),
  sh(
    'gcc -static, and a library of our own',
    `
    gcc -static hello.c -o static && ./static; echo 'int twice(int n) { return 2 * n; }' > lib.c; gcc -shared -fPIC lib.c -o libtwice.so
    printf '#include <stdio.h>\\nint twice(int); int main() { printf("%%d\\\\n", twice(21)); }' > use.c; gcc use.c -L. -ltwice -Wl,-rpath,'$ORIGIN' -o use && ./use; ldd use | grep -c libtwice
  `,
    { needs: ['gcc'] },
  ),
  sh(
    'make, twice and side by side',
    'cd build && make && make && make clean && make -j2 && cat sum.txt; make nothing; echo $?',
    { needs: ['make'], everywhere },
  ),
  node(
    'strings, files, JSON',
    `
    const fs = require('fs'); console.log(process.argv.length, [3, 1, 2].sort(), JSON.stringify({ a: [1, { b: 'ü' }] }), fs.readFileSync('tree/a.txt', 'utf8').split('\\n').length);
    fs.writeFileSync('out', 'x'.repeat(100000)); console.log(fs.statSync('out').size, require('crypto').createHash('sha1').update(fs.readFileSync('noise.bin')).digest('hex')); process.exit(5);
  `,
  ),
  node(
    'timers, promises, child processes',
    `
    const { execFile, execSync } = require('child_process'); const fs = require('fs/promises'); (async () => { console.log(execSync('sort -u words.txt | head -n 2').toString());
    console.log(await Promise.all([1, 2, 3].map((n) => new Promise((r) => execFile('sh', ['-c', 'exit ' + n], (e) => r(e.code)))))); console.log((await fs.readdir('tree')).sort()); await new Promise((r) => setTimeout(r, 20)); console.log('later'); })();
  `,
  ),
  node(
    'compiled code, workers and a server',
    `
    const { Worker } = require('worker_threads'); const http = require('http'); let s = 0; for (let i = 0; i < 3e6; i++) s = (s * 31 + i) | 0; console.log(s);
    new Worker('require("worker_threads").parentPort.postMessage([..."abc"].reverse().join(""))', { eval: true }).on('message', (m) => { console.log(m);
    const server = http.createServer((q, r) => r.end('you asked ' + q.url)).listen(0, '127.0.0.1', () => http.get({ port: server.address().port, path: '/x', host: '127.0.0.1' }, (r) => r.on('data', (d) => console.log(String(d))).on('end', () => server.close()))); });
  `,
  ),
  node(
    'streams, zlib and signals',
    `
    const zlib = require('zlib'), fs = require('fs'); process.on('SIGUSR2', () => { console.log('usr2'); fs.createReadStream('noise.bin').pipe(zlib.createGzip()).pipe(zlib.createGunzip()).pipe(fs.createWriteStream('copy')).on('finish', () => console.log(fs.readFileSync('copy').equals(fs.readFileSync('noise.bin')))); });
    process.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 50);
  `,
  ),
  command(
    [
      'busybox',
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; done | busybox wc -l; busybox ls tree; echo $((2**10)); (exit 3) || echo $?; busybox sort words.txt | busybox uniq -c; trap "echo bye" EXIT; busybox sha1sum < noise.bin',
    ],
    { name: 'busybox: sh and applets' },
  ),
  command(['busybox', 'sh'], {
    name: 'busybox: a script on standard input',
    input:
      "busybox tar cf - tree | busybox gzip | busybox gunzip | busybox tar tf - | busybox sort\nbusybox awk -F, '{ s += $3 } END { print s }' table.csv\nbusybox find tree -type d | busybox xargs busybox ls -d\nbusybox sed -n 2p tree/a.txt & wait $!; echo $?\n",
    everywhere,
  }),
];
