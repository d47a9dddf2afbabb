#!/bin/sh
# Process 1 inside of user-mode-linux: make a small world over the host's read-only root, run the job, tell its status,
# power off. The job is a file of shell assignments that test/uml/uml.ts wrote; its folder came as a kernel parameter.
# The serial lines are descriptors of the host: ttyS0 the job's output, ttyS1 its errors, ttyS2 its status, ttyS3 the
# file that it may leave at $RING3_RESULT.

lines='/dev/ttyS0 /dev/ttyS1 /dev/ttyS2 /dev/ttyS3'

leave() {
  echo "$1" >/dev/ttyS2
  # Setting a line waits until what was written to it has left.
  for line in $lines; do stty -F $line raw -echo; done
  # Powering off is done by a worker of the kernel a little later, and until then process 1 must not end.
  echo o >/proc/sysrq-trigger
  sleep 60
}

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for line in $lines; do stty -F $line raw -echo; done
# The folder of the job may be hidden by what is mounted here (/dev/shm), so it is fetched from the host directly.
mount -t hostfs -o "ro,$RING3_JOB" none /run
. /run/job

mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
# The project may itself lie in /tmp.
mkdir /run/project
mount --bind "$PROJECT" /run/project
mount -t tmpfs -o mode=1777 tmpfs /tmp
[ -d "$PROJECT" ] || { mkdir -p "$PROJECT" && mount --bind /run/project "$PROJECT"; }
umount /run/project
mkdir -p "$HOME"

# Should whoever started us be killed, nobody else ends us.
(sleep "$WATCHDOG"; echo o >/proc/sysrq-trigger) >/dev/null 2>&1 &

hostname uml
ip link set lo up 2>/dev/null
# Debian builds overlayfs as a module. Not every machine has insmod, but each Debian has perl: 313 is finit_module.
perl -e 'open my $file, "<", shift or exit; my $none = ""; syscall 313, fileno $file, $none, 0' \
  "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"

v1() {
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for names in "$@"; do
    mkdir "/sys/fs/cgroup/$names"
    mount -t cgroup -o "$names" cgroup "/sys/fs/cgroup/$names"
  done
}
case $CGROUPS in
  v2) mount -t cgroup2 -o nsdelegate none /sys/fs/cgroup ;;
  v1) v1 cpu,cpuacct memory pids freezer ;;
  hybrid)
    v1 cpu,cpuacct memory
    mkdir /sys/fs/cgroup/unified
    mount -t cgroup2 -o nsdelegate none /sys/fs/cgroup/unified
    ;;
esac

cd "$FOLDER" || leave broken
mkfifo /run/out /run/err
# Through pipes, so that the job sees no terminal.
cat /run/out >/dev/ttyS0 &
out=$!
cat /run/err >/dev/ttyS1 &
err=$!
run </dev/null >/run/out 2>/run/err
status=$?
# Whoever the job left behind may hold the pipes open.
(sleep 2; kill $out $err) 2>/dev/null &
wait $out $err
[ -f "$RING3_RESULT" ] && cat "$RING3_RESULT" >/dev/ttyS3
leave $status
