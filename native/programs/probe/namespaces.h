/*
 * Namespaces (namespaces(7)): each is made by clone3, and its effect is then seen from inside.
 *
 * Who may not make a namespace directly may make it in a user namespace of its own, which is how ring3 runs as an
 * ordinary user; `seen` says which way it went.
 */
#include <arpa/inet.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static pid_t clone3_child(unsigned long long flags, int *pidfd)
{
    struct clone_args arguments = {
        .flags = flags,
        .exit_signal = SIGCHLD,
        .pidfd = (unsigned long long)(unsigned long)pidfd,
    };

    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* Be root in the user namespace that we are the first task of: our own id is the only one that may be mapped. */
static void map_own_id(uid_t uid, gid_t gid)
{
    char map[64];

    snprintf(map, sizeof map, "0 %u 1", uid);
    must(write_file("/proc/self/uid_map", map), "writing /proc/self/uid_map");
    must(write_file("/proc/self/setgroups", "deny"), "writing /proc/self/setgroups");
    snprintf(map, sizeof map, "0 %u 1", gid);
    must(write_file("/proc/self/gid_map", map), "writing /proc/self/gid_map");
}

/* Which way the last `enter` went, for `seen`. */
static const char *entered = "directly";

/*
 * As fork(2), but the child has new namespaces. Falls back to a user namespace when the caller lacks the right, in
 * which the child is root.
 */
static pid_t enter(unsigned long long flags)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    pid_t child = clone3_child(flags, NULL);

    if (child < 0 && errno == EPERM && !(flags & CLONE_NEWUSER)) {
        flags |= CLONE_NEWUSER;
        entered = "in a user namespace";
        child = clone3_child(flags, NULL);
    }
    if (child < 0)
        refused(flags & CLONE_NEWUSER ? "clone3 of a user namespace" : "clone3");
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (child == 0 && flags & CLONE_NEWUSER)
        map_own_id(uid, gid);
    return child;
}

/* Mounts made from here on stay here, and /tmp is an empty tmpfs to work in. */
static void private_tmp(void)
{
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "making mounts private");
    must(mount("ring3-probe", "/tmp", "tmpfs", 0, "size=1m"), "mounting a tmpfs");
    must(chdir("/tmp"), "chdir");
}

static ino_t namespace_of(const char *path)
{
    struct stat file;

    must(stat(path, &file), path);
    return file.st_ino;
}

static void probe_namespace_user(void)
{
    pid_t child = enter(CLONE_NEWUSER);

    if (child == 0) {
        if (getuid() != 0 || getgid() != 0)
            no("the map was written, but the child is uid %u and gid %u inside", getuid(), getgid());
        _exit(0);
    }
    settle(child);
    yes("uid %u is root inside", geteuid());
}

static void probe_namespace_mnt(void)
{
    struct stat before, after;

    must(stat("/tmp", &before), "/tmp");
    pid_t child = enter(CLONE_NEWNS);
    if (child == 0) {
        private_tmp();
        must(stat("/tmp", &after), "/tmp");
        if (before.st_dev == after.st_dev)
            no("a tmpfs was mounted on /tmp, but /tmp is what it was");
        _exit(0);
    }
    settle(child);
    must(stat("/tmp", &after), "/tmp");
    if (before.st_dev != after.st_dev)
        no("a mount inside shows outside");
    yes("a tmpfs on /tmp is seen inside only (made %s)", entered);
}

static void probe_namespace_pid(void)
{
    pid_t child = enter(CLONE_NEWPID);

    if (child == 0) {
        if (getpid() != 1)
            no("the first child is pid %d inside", getpid());
        _exit(0);
    }
    settle(child);
    yes("pid 1 inside is %d outside (made %s)", child, entered);
}

/* lo is down at first: sending to 127.0.0.1 fails until it is brought up (network_namespaces(7)). */
static void talk_over_loopback(void)
{
    int socket_ = (int)must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    struct ifreq lo = {.ifr_name = "lo"};
    struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof self;
    char byte = 'x';

    must(ioctl(socket_, SIOCGIFFLAGS, &lo), "SIOCGIFFLAGS of lo");
    lo.ifr_flags |= IFF_UP;
    must(ioctl(socket_, SIOCSIFFLAGS, &lo), "bringing lo up");
    must(bind(socket_, (struct sockaddr *)&self, sizeof self), "bind to 127.0.0.1");
    must(getsockname(socket_, (struct sockaddr *)&self, &size), "getsockname");
    must(sendto(socket_, &byte, 1, 0, (struct sockaddr *)&self, sizeof self), "sendto 127.0.0.1");
    must(recv(socket_, &byte, 1, 0), "recv");
}

static void probe_namespace_net(void)
{
    pid_t child = enter(CLONE_NEWNET);

    if (child == 0) {
        struct if_nameindex *interfaces = if_nameindex();
        int count = 0;
        for (struct if_nameindex *i = interfaces; i && i->if_index; i++)
            if (strcmp(i->if_name, "lo") == 0)
                count++;
        if (count != 1)
            no("no interface lo inside");
        talk_over_loopback();
        _exit(0);
    }
    settle(child);
    yes("a packet went over its own lo (made %s)", entered);
}

/* The key need not be free outside: another inode of /proc/self/ns/ipc is enough where System V IPC is not built in. */
static void probe_namespace_ipc(void)
{
    ino_t ours = namespace_of("/proc/self/ns/ipc");
    key_t key = 0x72336470;
    pid_t child = enter(CLONE_NEWIPC);

    if (child == 0) {
        if (namespace_of("/proc/self/ns/ipc") == ours)
            no("/proc/self/ns/ipc is the same inside and outside");
        if (msgget(key, IPC_CREAT | IPC_EXCL | 0600) < 0 && errno != ENOSYS)
            refused("msgget");
        _exit(0);
    }
    settle(child);
    if (msgget(key, 0600) >= 0)
        no("a message queue made inside is seen outside");
    yes("a message queue of its own (made %s)", entered);
}

static void probe_namespace_uts(void)
{
    struct utsname before, after;

    uname(&before);
    pid_t child = enter(CLONE_NEWUTS);
    if (child == 0) {
        must(sethostname("ring3-probe", 11), "sethostname");
        uname(&after);
        if (strcmp(after.nodename, "ring3-probe") != 0)
            no("sethostname had no effect");
        _exit(0);
    }
    settle(child);
    uname(&after);
    if (strcmp(before.nodename, after.nodename) != 0)
        no("a hostname set inside shows outside");
    yes("a hostname of its own (made %s)", entered);
}

/* Inside, every line of /proc/self/cgroup ends in ":/": the own cgroup is the root (cgroup_namespaces(7)). */
static void probe_namespace_cgroup(void)
{
    ino_t ours = namespace_of("/proc/self/ns/cgroup");
    pid_t child = enter(CLONE_NEWCGROUP);

    if (child == 0) {
        char text[4096], *line = text;
        read_file("/proc/self/cgroup", text, sizeof text);
        if (namespace_of("/proc/self/ns/cgroup") == ours)
            no("/proc/self/ns/cgroup is the same inside and outside");
        for (char *next; (next = strchr(line, '\n')); line = next + 1)
            if (next - line < 2 || strncmp(next - 2, ":/", 2) != 0)
                no("the own cgroup is not the root inside: %.*s", (int)(next - line), line);
        _exit(0);
    }
    settle(child);
    yes("the own cgroup is / inside (made %s)", entered);
}

/* Offsets can be set only before the first task enters: so unshare, write, fork (time_namespaces(7)). */
static void probe_namespace_time(void)
{
    struct timespec outside, inside;
    pid_t child = fork_or_refuse();

    if (child == 0) {
        if (unshare(CLONE_NEWTIME) < 0) {
            if (errno != EPERM)
                refused("unshare(CLONE_NEWTIME)");
            uid_t uid = geteuid();
            gid_t gid = getegid();
            must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
            map_own_id(uid, gid);
            must(unshare(CLONE_NEWTIME), "unshare(CLONE_NEWTIME)");
        }
        must(write_file("/proc/self/timens_offsets", "monotonic 100000 0"), "writing /proc/self/timens_offsets");
        clock_gettime(CLOCK_MONOTONIC, &outside);
        pid_t grandchild = fork_or_refuse();
        if (grandchild == 0) {
            clock_gettime(CLOCK_MONOTONIC, &inside);
            if (inside.tv_sec - outside.tv_sec < 99000)
                no("the offset of the clock has no effect");
            _exit(0);
        }
        settle(grandchild);
        _exit(0);
    }
    settle(child);
    yes("CLOCK_MONOTONIC is 100,000 s ahead inside");
}
