"""What this host can do, found out without ring3: by util-linux, the shell, and Python's own calls.

Prints one JSON object: id of a probe to true or false. Every check runs in a child, because it may change or kill it.
"""
import ctypes
import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(FOLDER, "../../build/Release")


def works(*command, status=0):
    """The command ends with this status (128 + signal when killed)."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return code == status


def in_child(check):
    """Whether check() is true in a child; a child that is killed has not managed."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            os._exit(0 if check() else 1)
        except BaseException:
            os._exit(2)
    return os.waitpid(pid, 0)[1] == 0


def unshare(*flags):
    """By root directly, by others in a user namespace."""
    return ["unshare", *flags] if os.geteuid() == 0 else ["unshare", "-r", *flags]


def shell(script, *flags):
    return works(*unshare(*flags), "sh", "-ec", script)


NAMESPACES = {
    "user": ["unshare", "-r", "true"],
    "mnt": [*unshare("-m"), "mount", "-t", "tmpfs", "x", "/tmp"],
    "pid": [*unshare("-p", "-f"), "sh", "-c", "[ $$ = 1 ]"],
    "net": [*unshare("-n"), "sh", "-c", "[ $(grep -c : /proc/net/dev) -ge 1 ]"],
    "ipc": [*unshare("-i"), "true"],
    "uts": [*unshare("-u"), "hostname", "by-hand"],
    "cgroup": [*unshare("-C"), "true"],
    "time": [*unshare("-T", "--boottime", "1000"), "true"],
}

OVERLAY = """mount -t tmpfs x /tmp; cd /tmp; mkdir l u w m; echo 1 >l/f
mount -t overlay o m -o lowerdir=l,upperdir=u,workdir=w; echo 2 >m/f; [ $(cat l/f) = 1 ]"""
# The probe is opened first: it may lie below /tmp itself.
PIVOT = (
    "exec 3<{probe}; mount -t tmpfs x /tmp; cd /tmp; mkdir bin old; cat <&3 >bin/probe; chmod 755 bin/probe; "
    "pivot_root . old; exec /bin/probe memfd"
)
PROC = "mount -t proc p /proc; [ $(readlink /proc/self) -lt 10 ]"


def fsopen():
    return libc.syscall(430, b"tmpfs", 0) >= 0


X86 = os.uname().machine == "x86_64"
GETPPID = 110 if X86 else 173
SECCOMP = 317 if X86 else 277


def load_filter(action, flags):
    """A filter that answers getppid with the action; the result of seccomp(2)."""
    rows = [(0x20, 0, 0, 0), (0x15, 0, 1, GETPPID), (0x06, 0, 0, action), (0x06, 0, 0, 0x7FFF0000)]
    code = b"".join(a.to_bytes(2, "little") + bytes([t, f]) + k.to_bytes(4, "little") for a, t, f, k in rows)
    buffer = ctypes.create_string_buffer(code)
    program = (ctypes.c_uint64 * 2)(len(rows), ctypes.addressof(buffer))
    libc.prctl(38, 1, 0, 0, 0)
    return libc.syscall(SECCOMP, 1, flags, program)


def seccomp_filter():
    return load_filter(0x50000 | 123, 0) == 0 and libc.syscall(GETPPID) == -1 and ctypes.get_errno() == 123


def listener():
    return load_filter(0x7FC00000, 8) >= 0


def user_dispatch():
    # Everything below 2^47 stays allowed: nothing is dispatched, but the kernel must know the request.
    return libc.prctl(59, 1, 1, 1 << 47, 0) == 0


def traced(request):
    """A child that asked to be traced can be resumed that way, and stops at its next call."""
    pid = os.fork()
    if pid == 0:
        libc.ptrace(0, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.getppid()
        os._exit(0)
    os.waitpid(pid, 0)
    done = libc.ptrace(request, pid, None, None) == 0 and os.WIFSTOPPED(os.waitpid(pid, 0)[1])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return done


def read_child():
    text = ctypes.create_string_buffer(b"before", 8)
    ours = ctypes.create_string_buffer(8)
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        text.value = b"after"
        os.write(go, b"x")
        time.sleep(60)
    os.read(ready, 1)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(ours), 8)
    there = (ctypes.c_uint64 * 2)(ctypes.addressof(text), 8)
    libc.process_vm_readv(pid, here, 1, there, 1, 0)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return ours.value == b"after"


def memfd_exec():
    file = os.memfd_create("by-hand", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    with open(os.path.join(PROGRAMS, "probe"), "rb") as program:
        os.write(file, program.read())
    os.execve(file, ["probe", "memfd"], {})


def sealed():
    file = os.memfd_create("by-hand", os.MFD_ALLOW_SEALING)
    import fcntl

    fcntl.fcntl(file, 1033, 8)  # F_ADD_SEALS, F_SEAL_WRITE
    try:
        os.write(file, b"x")
    except PermissionError:
        return True
    return False


def page_zero():
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x10
    return ctypes.c_void_p(libc.mmap(0, 4096, mmap.PROT_READ, flags, -1, 0)).value is None


def kvm():
    import fcntl

    with open("/dev/kvm", "rb+", buffering=0) as device:
        return fcntl.ioctl(device, 0xAE00) == 12


def compiles(compiler, language):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "a.c")
        with open(source, "w") as file:
            file.write("int main() { return 7; }\n")
        output = os.path.join(folder, "a")
        return works(compiler, "-x", language, "-static", source, "-o", output) and works(output, status=7)


def group_of(controller):
    """A folder in which groups with the controller can be made, and its version; None when there is none."""
    for line in open("/proc/self/mounts"):
        _, path, kind, options, *_ = line.split()
        own = kind == "cgroup" and controller in options.split(",")
        if own and os.access(path, os.W_OK):
            return path, 1
        if kind == "cgroup2" and os.access(path, os.W_OK):
            control = path + "/cgroup.subtree_control"
            if controller == "freezer" or controller in open(control).read().split():
                return path, 2
            if controller in open(path + "/cgroup.controllers").read().split():
                with open(control, "w") as file:
                    file.write("+" + controller)
                return path, 2
    return None


def limited(controller, old, new, script, status):
    """`script`, started in a new group whose limit (file, value) was set, ends with the status."""
    place = group_of(controller)
    if place is None:
        return False
    parent, version = place
    group = os.path.join(parent, f"by-hand-{os.getpid()}-{controller}")
    os.mkdir(group)
    try:
        for name, value in old if version == 1 else new:
            if os.path.exists(os.path.join(group, name)):
                with open(os.path.join(group, name), "w") as file:
                    file.write(value)
        return works("sh", "-c", f"echo $$ >{group}/cgroup.procs; " + script.format(group=group), status=status)
    finally:
        for _ in range(100):
            try:
                os.rmdir(group)
                break
            except OSError:
                time.sleep(0.02)


def freezes():
    """What sleeps in a new group is reported as frozen after it was asked for."""
    place = group_of("freezer")
    if place is None:
        return False
    parent, version = place
    group = os.path.join(parent, f"by-hand-{os.getpid()}-freezer")
    state, on, off = ("freezer.state", "FROZEN", "THAWED") if version == 1 else ("cgroup.freeze", "1", "0")
    script = f"""mkdir {group}; sleep 60 & pid=$!; echo $pid >{group}/cgroup.procs; echo {on} >{group}/{state}; sleep 0.3
grep -qE '^(FROZEN|frozen 1)$' {group}/{state} {group}/cgroup.events 2>/dev/null; done=$?
echo {off} >{group}/{state}; kill $pid; wait $pid; sleep 0.1; rmdir {group}; exit $done"""
    return works("sh", "-c", script)


def probe_path():
    return os.path.join(PROGRAMS, "probe")


MEMORY_V1 = [("memory.limit_in_bytes", "8388608"), ("memory.memsw.limit_in_bytes", "8388608")]
MEMORY_V2 = [("memory.max", "8388608"), ("memory.swap.max", "0")]
CPU_V1 = [("cpu.cfs_period_us", "20000"), ("cpu.cfs_quota_us", "2000")]
SPIN = "timeout 1 sh -c 'while :; do :; done'; ! grep -q '^nr_throttled 0$' {group}/cpu.stat"
HOG = f"exec {PROGRAMS}/hog 48"
FORKS = "true & true & true & true & true & wait"

CHECKS = {
    **{f"namespace.{name}": lambda command=command: works(*command) for name, command in NAMESPACES.items()},
    "user-namespace.unprivileged": lambda: works(
        *(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []),
        "unshare", "-r", "-m", "mount", "-t", "tmpfs", "x", "/tmp"),
    "overlay": lambda: shell(OVERLAY, "-m"),
    "overlay.user-namespace": lambda: works("unshare", "-r", "-m", "sh", "-ec", OVERLAY),
    "pivot-root": lambda: shell(PIVOT.format(probe=probe_path()), "-m"),
    "mount.proc": lambda: shell(PROC, "-m", "-p", "-f"),
    "mount.new-api": lambda: in_child(fsopen) if os.geteuid() == 0 else None,
    "seccomp.filter": lambda: in_child(seccomp_filter),
    "seccomp.user-notification": lambda: in_child(listener),
    "syscall-user-dispatch": lambda: in_child(user_dispatch),
    "ptrace": lambda: traced(24),
    "ptrace.sysemu": lambda: traced(31),
    "process-vm": read_child,
    "memfd": lambda: in_child(sealed),
    "memfd.exec": lambda: in_child(memfd_exec),
    "page-zero": lambda: in_child(page_zero),
    "kvm": lambda: in_child(kvm),
    "cores": lambda: len(os.sched_getaffinity(0)) > 1,
    "no-new-privileges": lambda: in_child(lambda: libc.prctl(38, 1, 0, 0, 0) == 0),
    "libseccomp": lambda: in_child(lambda: ctypes.CDLL("libseccomp.so.2") is not None),
    "compiler.c": lambda: compiles("cc", "c"),
    "compiler.c++": lambda: compiles("g++", "c++"),
    "cgroup.memory": lambda: limited("memory", MEMORY_V1, MEMORY_V2, HOG, 137),
    "cgroup.pids": lambda: limited("pids", [("pids.max", "4")], [("pids.max", "4")], FORKS, 2),
    "cgroup.cpu": lambda: limited("cpu", CPU_V1, [("cpu.max", "2000 20000")], SPIN, 0),
    "cgroup.freezer": freezes,
    "terminal": lambda: in_child(lambda: os.openpty() is not None),
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or CHECKS
    found = {name: CHECKS[name]() for name in wanted}
    json.dump({name: value for name, value in found.items() if value is not None}, sys.stdout)
    print()
