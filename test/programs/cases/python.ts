/** python3: what its standard library asks of a kernel. */
import { command, python, type Case } from '../case.ts';

const everywhere = true;

export const pythons: Case[] = [
  python(
    'json, re, hashlib',
    `
import json, re, hashlib, zlib
d = json.loads('{"b": [1, 2.5, null, true], "a": {"ü": "x"}}')
print(json.dumps(d, sort_keys=True), re.sub(r'(\\w+)@(\\w+)', r'\\2 at \\1', 'me@home'))
b = open('noise.bin', 'rb').read(); print(hashlib.sha256(b).hexdigest(), hashlib.blake2b(b).hexdigest()[:20], zlib.crc32(b))
  `,
  ),
  python(
    'subprocess',
    `
import subprocess as s
print(s.run(['sort', 'words.txt'], capture_output=True, text=True).stdout.split()[:3])
print(s.run('exit 3', shell=True).returncode, s.run(['sh', '-c', 'kill -9 $$']).returncode)
p = s.Popen(['tr', 'a-z', 'A-Z'], stdin=s.PIPE, stdout=s.PIPE)
print(p.communicate(b'hello' * 3))
print(s.check_output('cat | wc -c', shell=True, input=b'x' * 200000, cwd='tree', env={'PATH': '/usr/bin:/bin'}))
try: s.run(['sleep', '5'], timeout=0.1)
except s.TimeoutExpired as e: print('timed out', e.cmd)
try: s.run(['no-such-program'])
except FileNotFoundError as e: print(e)
  `,
    { everywhere },
  ),
  python(
    'threads, locks, queues',
    `
import threading, queue, concurrent.futures as f
q = queue.Queue(); lock = threading.Lock(); total = 0
def work():
  global total
  while (n := q.get()) is not None:
    with lock: total += n
def run(*targets):
  ts = [threading.Thread(target=t) for t in targets]; [t.start() for t in ts]; return ts
ts = run(*[work] * 8); [q.put(i) for i in range(1000)]; [q.put(None) for _ in ts]; [t.join() for t in ts]
print(total)
with f.ThreadPoolExecutor(4) as pool: print(list(pool.map(lambda n: n * n, range(10))))
e = threading.Event(); threading.Timer(0.02, e.set).start(); print(e.wait(5), threading.Event().wait(0.01))
b = threading.Barrier(3); r = []
[t.join() for t in run(*[lambda i=i: (b.wait(), r.append(i)) for i in range(3)])]
print(sorted(r))
  `,
    { everywhere },
  ),
  python(
    'tempfile, shutil, pathlib',
    `
import tempfile, shutil, pathlib, os, glob
with tempfile.TemporaryDirectory() as d:
  p = pathlib.Path(d); shutil.copytree('tree', p / 't', symlinks=True)
  print(sorted(str(x.relative_to(p)) for x in p.rglob('*')))
  (p / 'n').write_text('text'); print((p / 'n').stat().st_size, oct((p / 'n').stat().st_mode))
  os.replace(p / 'n', p / 'm'); print((p / 'm').exists(), (p / 'n').exists())
print(os.path.exists(d))
f = tempfile.TemporaryFile(); f.write(b'abc'); f.seek(1); print(f.read(), os.fstat(f.fileno()).st_nlink)
print(shutil.which('sh') is not None, sorted(glob.glob('tree/**/*.txt', recursive=True)))
s = os.statvfs('.'); print(s.f_bsize, s.f_namemax); shutil.rmtree('tree'); print(sorted(os.listdir('.')))
  `,
  ),
  python(
    'sqlite3 with a write-ahead log',
    `
import sqlite3
c = sqlite3.connect('f.db', isolation_level=None); c.execute('pragma journal_mode=wal')
c.execute('create table t(n integer, s text)'); c.executemany('insert into t values(?, ?)', [(i, str(i * i)) for i in range(100)])
print(c.execute('select sum(n), max(length(s)) from t').fetchone())
d = sqlite3.connect('f.db', timeout=0.05); c.execute('begin immediate'); c.execute('delete from t where n % 2')
try: d.execute('insert into t values(0, 0)')
except sqlite3.OperationalError as e: print(e)
print(d.execute('select count(*) from t').fetchone()); c.execute('commit')
print(d.execute('select count(*) from t').fetchone(), d.execute('pragma integrity_check').fetchone())
  `,
    { everywhere },
  ),
  python(
    'asyncio: tasks, subprocesses, streams',
    `
import asyncio
async def serve(r, w):
  while line := await r.readline(): w.write(line.upper()); await w.drain()
  w.close()
async def client(port, n):
  r, w = await asyncio.open_connection('127.0.0.1', port); w.write(b'line %d\\n' % n); w.write_eof()
  x = await r.read(); w.close(); return x
async def main():
  s = await asyncio.start_server(serve, '127.0.0.1', 0); port = s.sockets[0].getsockname()[1]
  print(await asyncio.gather(*(client(port, i) for i in range(5)))); s.close()
  p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)
  print(await p.communicate(b'through cat'), p.returncode)
  try: await asyncio.wait_for(asyncio.sleep(5), 0.02)
  except asyncio.TimeoutError: print('late')
  print(await asyncio.to_thread(sum, range(100)))
asyncio.run(main())
  `,
  ),
  python(
    'multiprocessing by fork',
    `
import multiprocessing as m, os
def square(n): return n * n
def put(q, lock, v):
  with lock: v.value += 1
  q.put(os.getpid() != os.getppid())
m.set_start_method('fork')
with m.Pool(2) as p: print(p.map(square, range(20)))
q, lock, v = m.Queue(), m.Lock(), m.Value('i', 0); ps = [m.Process(target=put, args=(q, lock, v)) for _ in range(3)]
[p.start() for p in ps]; print([q.get() for _ in ps]); [p.join() for p in ps]; print(v.value, [p.exitcode for p in ps])
a, b = m.Pipe(); p = m.Process(target=lambda: b.send({'x': [1, 2]})); p.start(); print(a.recv()); p.join()
  `,
  ),
  python(
    'shared memory between programs',
    `
import multiprocessing.shared_memory as s, subprocess, sys
m = s.SharedMemory(create=True, size=10000); m.buf[:5] = b'hello'
child = f'''
import mmap, os
f = os.open("/dev/shm/{m.name}", os.O_RDWR); b = mmap.mmap(f, 0); print(b[:5], len(b)); b[9999] = 7
'''
print(subprocess.check_output([sys.executable, '-c', child])); print(m.buf[9999]); m.close(); m.unlink()
  `,
  ),
  python(
    'mmap: shared, private, anonymous, across a fork',
    `
import mmap, os
with open('words.txt', 'r+b') as f:
  m = mmap.mmap(f.fileno(), 0); print(m.readline(), m.find(b'fig'), m[-5:]); m[0:4] = b'PEAR'; m.flush(); f.seek(0); print(f.read(6))
  os.pwrite(f.fileno(), b'!', 5); print(m[4:7]); p = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY); p[0:2] = b'zz'
  print(p[:4], m[:4]); m.resize(8192); m[8191] = 65; print(os.fstat(f.fileno()).st_size)
s = mmap.mmap(-1, 4096); t = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
if os.fork() == 0: s[0] = 1; t[0] = 1; os._exit(0)
os.wait(); print(s[0], t[0])
  `,
    { everywhere },
  ),
  python(
    'select, poll, epoll and pipes',
    `
import select, os, time, fcntl, errno
r, w = os.pipe(); print(select.select([r], [w], [], 0.02)); os.write(w, b'xyz'); print(select.select([r], [], [], 1))
p = select.poll(); p.register(r, select.POLLIN); print(p.poll(100))
e = select.epoll(); e.register(r, select.EPOLLIN | select.EPOLLET); print(e.poll(1), e.poll(0.01)); print(os.read(r, 10), p.poll(10))
os.close(w); print(p.poll(100), os.read(r, 1)); a, b = os.pipe2(os.O_NONBLOCK); n = 0
try:
  while True: n += os.write(b, b'x' * 4096)
except BlockingIOError as x: print(n, errno.errorcode[x.errno])
print(fcntl.fcntl(b, 1032)); t = time.monotonic(); time.sleep(0.03); print(0.03 <= time.monotonic() - t < 20)
  `,
    { everywhere },
  ),
  python(
    'signals: handlers, masks, timers',
    `
import signal, os, time, threading
got = []; signal.signal(signal.SIGUSR1, lambda s, f: got.append(s)); os.kill(os.getpid(), signal.SIGUSR1); print(got)
signal.signal(signal.SIGALRM, lambda s, f: got.append('alarm')); signal.setitimer(signal.ITIMER_REAL, 0.02)
while len(got) < 2: time.sleep(0.01)
print(got)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2}); os.kill(os.getpid(), signal.SIGUSR2)
print(signal.sigpending(), signal.sigwaitinfo({signal.SIGUSR2}).si_signo, signal.sigtimedwait({signal.SIGUSR2}, 0.01))
r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w)
threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start(); print(os.read(r, 1))
signal.signal(signal.SIGCHLD, lambda s, f: got.append(os.waitpid(-1, 0)[1])); pid = os.fork(); pid or os._exit(3)
while len(got) < 4: time.sleep(0.01)
print(got[-1], flush=True); signal.raise_signal(signal.SIGTERM)
  `,
    { everywhere, looseErrors: true },
  ),
  python(
    'http.server and a client',
    `
import http.server, threading, urllib.request, functools
class H(http.server.SimpleHTTPRequestHandler):
  def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(H, directory='tree'))
threading.Thread(target=s.serve_forever, daemon=True).start(); u = f'http://127.0.0.1:{s.server_port}/'
print(urllib.request.urlopen(u + 'a.txt').read()); r = urllib.request.urlopen(u + 'sub/')
print(r.status, r.headers['Content-Type'], b'deep/' in r.read())
try: urllib.request.urlopen(u + 'nope')
except urllib.error.HTTPError as e: print(e.code)
s.shutdown(); s.server_close()
try: urllib.request.urlopen(u)
except urllib.error.URLError as e: print(e.reason)
  `,
  ),
  python(
    'unix sockets, and descriptors passed over them',
    `
import socket, os
s = socket.socket(socket.AF_UNIX); s.bind('sock'); s.listen(); print(oct(os.stat('sock').st_mode)[:4])
if os.fork() == 0:
  c = socket.socket(socket.AF_UNIX); c.connect('sock'); f = open('words.txt'); socket.send_fds(c, [b'take'], [f.fileno()])
  c.recv(10) == b'thanks' or os._exit(1); os._exit(0)
c, _ = s.accept(); m, fds, fl, a = socket.recv_fds(c, 10, 4); print(m, os.read(fds[0], 4)); c.sendall(b'thanks'); print(os.wait()[1])
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET); a.send(b'one'); a.send(b'two'); print(b.recv(9), b.recv(9))
d, e = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); d.send(b'x' * 100); print(len(e.recv(50))); a.settimeout(0.02)
try: a.recv(1)
except TimeoutError as t: print(t)
  `,
  ),
  python(
    'udp and tcp with options',
    `
import socket, threading
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0)); v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
v.sendto(b'hi', u.getsockname()); m, a = u.recvfrom(10); print(m, a[0]); u.sendto(m[::-1], a); print(v.recv(10))
s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); d, _ = s.accept()
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); print(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), c.getpeername() == s.getsockname())
t = threading.Thread(target=lambda: c.sendall(b'z' * 500000) or c.close()); t.start(); n = 0
while b := d.recv(65536): n += len(b)
t.join(); print(n); d.close(); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), socket.gethostbyname('localhost'))
try: socket.create_connection(('127.0.0.1', 1))
except OSError as e: print(e)
  `,
  ),
  python(
    'a process and its resources',
    `
import os, resource, sys, time
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000, os.getpgid(0) == os.getpgrp())
print(os.cpu_count() > 0, len(os.sched_getaffinity(0)) > 0, time.process_time() > 0)
r, w = os.pipe(); pid = os.fork()
if pid == 0: os.setsid(); os.write(w, b'%d' % (os.getsid(0) == os.getpid())); os.execvp('sh', ['sh', '-c', 'exit 4'])
print(os.read(r, 1), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.spawnlp(os.P_WAIT, 'false', 'false'), os.system('exit 2') >> 8)
os.posix_spawn('/bin/echo', ['echo', 'spawned'], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 1, 2)]); os.wait()
print(open('/proc/self/comm').read(), os.readlink('/proc/self/exe'), len(os.listdir('/proc/self/fd')) > 3)
try: os.waitpid(-1, 0)
except ChildProcessError as e: print(e)
  `,
  ),
  python(
    'file locks between processes',
    `
import fcntl, os
f = open('lock', 'w+'); fcntl.lockf(f, fcntl.LOCK_EX, 10, 5); r, w = os.pipe(); g, h = os.pipe()
if os.fork() == 0:
  k = open('lock', 'r+')
  try: fcntl.lockf(k, fcntl.LOCK_EX | fcntl.LOCK_NB, 10)
  except OSError as e: os.write(w, str(e.errno).encode() + b' ')
  fcntl.lockf(k, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 0); os.write(w, b'free '); os.write(h, b'.')
  fcntl.lockf(k, fcntl.LOCK_EX, 10, 5); os.write(w, b'mine'); os._exit(0)
os.read(g, 1); fcntl.lockf(f, fcntl.LOCK_UN, 10, 5); os.wait(); print(os.read(r, 50))
a, b = open('l2', 'w'), open('l2', 'w'); fcntl.flock(a, fcntl.LOCK_SH); fcntl.flock(b, fcntl.LOCK_SH)
try: fcntl.flock(b, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError as e: print(e)
  `,
  ),
  python(
    'a pseudo-terminal',
    `
import pty, os
pid, fd = pty.fork()
if pid == 0: os.execvp('sh', ['sh', '-c', 'test -t 0 && read x && echo "[$x]"; stty size; exit 5'])
os.write(fd, b'typed\\n'); out = b''
try:
  while b := os.read(fd, 100): out += b
except OSError as e: print(e)
print(out, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
  `,
  ),
  python(
    'big reads and writes, seeks, vectors, holes',
    `
import os
f = os.open('big', os.O_RDWR | os.O_CREAT, 0o600); b = os.urandom(1 << 20); print(os.write(f, b), os.pread(f, 100, 500000) == b[500000:500100], os.lseek(f, 0, os.SEEK_END))
print(os.writev(f, [b'ab', b'', b'cde']), os.preadv(f, [bytearray(3), bytearray(9)], 1 << 20)); os.ftruncate(f, 5 << 20); print(os.fstat(f).st_size)
os.posix_fallocate(f, 0, 6 << 20); print(os.fstat(f).st_size); g = os.open('copy', os.O_RDWR | os.O_CREAT)
print(os.sendfile(g, f, 0, 1000), os.copy_file_range(f, g, 500, 0, 1000)); os.fsync(g); print(os.pread(g, 2000, 0) == b[:1000] + b[:500])
h = os.dup(g); os.lseek(h, 7, 0); print(os.lseek(g, 0, 1)); os.mkfifo('p'); print(sorted(e.name for e in os.scandir('.') if e.is_file()))
m = os.memfd_create('m'); os.write(m, b'mem'); print(os.pread(m, 9, 0))
  `,
  ),
  python(
    'zipfile, gzip, csv, pickle, tarfile',
    `
import zipfile, gzip, csv, pickle, tarfile
with zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.write('noise.bin'); z.writestr('s', 'x' * 1000)
print(zipfile.ZipFile('a.zip').testzip(), zipfile.ZipFile('a.zip').getinfo('s').compress_size)
gzip.open('g.gz', 'wb').write(b'text'); print(gzip.open('g.gz').read())
print([r['name'] for r in csv.DictReader(open('table.csv'))], pickle.loads(pickle.dumps({1: (2, {3})})))
t = tarfile.open('t.tar', 'w'); t.add('tree'); t.close(); print(sorted(tarfile.open('t.tar').getnames())[:3])
  `,
  ),
  command(
    [
      'python3',
      '-c',
      'import sys; print(sys.stdin.read().upper(), end=""); print("e", file=sys.stderr); sys.exit("last words")',
    ],
    { input: 'some\ninput\n', name: 'python3: the three streams and a message at exit' },
  ),
];
