/** tar and the compressors, which stream through pipes and set every attribute that a file has. */
import { sh, type Case } from '../case.ts';

const everywhere = true;

export const archives: Case[] = [
  sh(
    'tar | gzip | tar',
    `
    tar -cf - --sort=name tree noise.bin | gzip -n | (mkdir out; cd out; tar -xzf -); diff -r --no-dereference tree out/tree && cmp noise.bin out/noise.bin && echo same
    cd out && find tree -type d -printf '%p %m %t\\n' -o -printf '%p %m %s %t %l\\n' | sort
  `,
    { everywhere },
  ),
  sh(
    'tar lists, appends and finds changes',
    `
    tar -cf a.tar --mtime=@0 --owner=0 --group=0 --numeric-owner --sort=name tree; sha256sum a.tar; tar -tvf a.tar --numeric-owner; tar -rf a.tar words.txt; tar -tf a.tar | tail -n 1
    echo changed > tree/a.txt; tar -df a.tar tree 2>&1 | grep -i -e contents -e size; tar -xf a.tar -O tree/sub/b.txt; rm -r tree; tar -xf a.tar --strip-components=1; ls
  `,
  ),
  sh(
    'gzip keeps times and finds damage',
    `
    gzip -k noise.bin; zcat noise.bin.gz | cmp - noise.bin && echo same; gzip -t noise.bin.gz; echo $?; stat -c '%s %y' noise.bin.gz
    head -c 1000 noise.bin.gz > cut.gz; zcat cut.gz | wc -c; gzip words.txt; ls words*; gunzip words.txt.gz; head -n 1 words.txt
  `,
  ),
  sh(
    'bzip2',
    'bzip2 -k noise.bin && ls noise* && bzip2 -dc noise.bin.bz2 | cmp - noise.bin && echo same; bzip2 -t words.txt; echo $?',
    { needs: ['bzip2'] },
  ),
  sh(
    'xz with several threads',
    'xz -T2 -k -1 noise.bin && xz -dc noise.bin.xz | sha256sum; tar -cJf t.tar.xz tree && tar -tf t.tar.xz | sort',
    { needs: ['xz'] },
  ),
  sh(
    'zip and unzip',
    'zip -qr a.zip tree words.txt && unzip -l a.zip | tail -n 1 && unzip -q a.zip -d out && diff -r tree/sub out/tree/sub && echo same',
    { needs: ['zip', 'unzip'] },
  ),
  sh(
    'a database file with a journal',
    `
    sqlite3 f.db 'pragma journal_mode=wal; create table t(n integer primary key, s); insert into t(s) values("a"),("b");' 'begin; insert into t(s) values("c"); commit; select * from t;'
    sqlite3 f.db 'select count(*) from t; pragma integrity_check;'; sqlite3 -csv f.db '.import table.csv p' 'select name, price from p order by 2'; ls
  `,
    { needs: ['sqlite3'] },
  ),
];
