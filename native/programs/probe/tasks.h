/* Tasks: how they are made, how many, what they may give up, and a terminal to run them in. */
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void probe_clone3(void)
{
    int pidfd = -1;
    pid_t child = clone3_child(CLONE_PIDFD, &pidfd);

    if (child < 0)
        refused("clone3");
    if (child == 0)
        _exit(42);
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    must(poll(&ended, 1, 1000), "poll of a pidfd");
    siginfo_t how = {0};
    must(waitid(P_PIDFD, (id_t)pidfd, &how, WEXITED), "waitid(P_PIDFD)");
    if (how.si_status != 42)
        no("the child's exit status 42 arrived as %d", how.si_status);
    yes("a child and its pidfd, waited for by poll");
}

/* How many children of `wanted` there can be at once; errno says why not more. They are gone on return. */
static int children_at_once(int wanted)
{
    int hold[2], made = 0;
    char byte;

    must(pipe(hold), "pipe");
    for (; made < wanted; made++) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            close(hold[1]);
            _exit(read(hold[0], &byte, 1) < 0);
        }
    }
    int error = errno;
    close(hold[1]);
    close(hold[0]);
    for (int left = made; left > 0; left--)
        wait(NULL);
    errno = error;
    return made;
}

/* RLIMIT_NPROC, a pids cgroup and kernel.pid_max all show here. */
static void probe_processes(void)
{
    enum { WANTED = 64 };
    int made = children_at_once(WANTED);

    if (made < WANTED)
        answer_errno(errno, "fork: %s after %d processes at once", strerror(errno), made);
    yes("%d processes at once", made);
}

/* Not what nproc says, which OMP_NUM_THREADS changes: the cores that the scheduler may give us. */
static void probe_cores(void)
{
    enum { CORES = 8192 };
    cpu_set_t *set = CPU_ALLOC(CORES);
    int count;

    must(sched_getaffinity(0, CPU_ALLOC_SIZE(CORES), set), "sched_getaffinity");
    count = CPU_COUNT_S(CPU_ALLOC_SIZE(CORES), set);
    if (count < 2)
        no("1 core of %ld online", sysconf(_SC_NPROCESSORS_ONLN));
    yes("%d cores of %ld online", count, sysconf(_SC_NPROCESSORS_ONLN));
}

static void probe_no_new_privileges(void)
{
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        no("the bit is not set after it was set");
    yes("set, and cannot be cleared");
}

/* What lab 03 drops: a capability from the bounding set, then all from the others. */
static void probe_capabilities(void)
{
    pid_t child = fork_or_refuse();

    if (child == 0) {
        if (prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0) < 0) {
            if (errno != EPERM)
                refused("prctl(PR_CAPBSET_DROP)");
            uid_t uid = geteuid();
            gid_t gid = getegid();
            must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
            map_own_id(uid, gid);
            must(prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0), "prctl(PR_CAPBSET_DROP)");
        }
        if (prctl(PR_CAPBSET_READ, CAP_SYS_BOOT, 0, 0, 0) != 0)
            no("CAP_SYS_BOOT is still in the bounding set");
        drop_capabilities();
        if (chroot("/") == 0)
            no("chroot works without capabilities");
        _exit(0);
    }
    settle(child);
    yes("dropped from the bounding set and the others");
}

static void probe_terminal(void)
{
    char line[8] = "";
    int master = (int)must(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "opening /dev/ptmx");

    must(grantpt(master), "grantpt");
    must(unlockpt(master), "unlockpt");
    int slave = (int)must(open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC), ptsname(master));
    must(write(master, "hello\n", 6), "write to the master");
    must(read(slave, line, sizeof line), "read from the slave");
    if (strncmp(line, "hello\n", 6) != 0)
        no("what was typed did not arrive");
    yes("a line went through %s", ptsname(master));
}
