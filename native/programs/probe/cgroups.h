/*
 * Control groups: probe cgroup.X v1|v2 DIR, where DIR is a new, empty cgroup of that controller's hierarchy which the
 * caller removes again. A limit is set, a child joins, and the limit must bite. Files as in
 * Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst.
 */
#include <dirent.h>
#include <stdint.h>
#include <sys/sysmacros.h>
#include <time.h>

#define MIB (1UL << 20)

static const char *cgroup;

static char *in_cgroup(const char *file)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", cgroup, file);
    return path;
}

static void set(const char *file, const char *value)
{
    must(write_file(in_cgroup(file), value), file);
}

/* Absent where swap is not accounted for; then there is nothing to limit. */
static void set_if_there(const char *file, const char *value)
{
    if (access(in_cgroup(file), F_OK) == 0)
        set(file, value);
}

static void join(void)
{
    must(write_file(in_cgroup("cgroup.procs"), "0"), "joining the cgroup");
}

static void probe_cgroup_memory(int version)
{
    enum { LIMIT = 8, TOUCH = 48 };

    set(version == 2 ? "memory.max" : "memory.limit_in_bytes", "8388608");
    set_if_there(version == 2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes", version == 2 ? "0" : "8388608");
    pid_t child = fork_or_refuse();
    if (child == 0) {
        join();
        char *memory = mmap(NULL, TOUCH * MIB, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (unsigned long at = 0; memory != MAP_FAILED && at < TOUCH * MIB; at += 4096)
            memory[at] = 1;
        _exit(4);
    }
    int status;
    must(waitpid(child, &status, 0), "waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
        _exit(1);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        no("a child touched %d MiB under a limit of %d", TOUCH, LIMIT);
    yes("v%d: a child that wanted %d MiB under a limit of %d was killed", version, TOUCH, LIMIT);
}

/* The limit counts the child itself. */
static void probe_cgroup_pids(int version)
{
    enum { LIMIT = 4 };

    set("pids.max", "4");
    pid_t child = fork_or_refuse();
    if (child == 0) {
        join();
        int made = children_at_once(2 * LIMIT);
        if (made == 2 * LIMIT)
            no("%d processes under a limit of %d", made + 1, LIMIT);
        if (made != LIMIT - 1 || errno != EAGAIN)
            answer_errno(errno, "fork under a limit of %d: %s after %d", LIMIT, strerror(errno), made);
        _exit(0);
    }
    settle(child);
    yes("v%d: fork failed with EAGAIN at the limit of %d", version, LIMIT);
}

static long throttled(void)
{
    char text[4096];
    const char *line = strstr(read_file(in_cgroup("cpu.stat"), text, sizeof text), "nr_throttled ");

    return line ? atol(line + strlen("nr_throttled ")) : 0;
}

static void rest(long ms)
{
    struct timespec time = {0, ms * 1000000};

    nanosleep(&time, NULL);
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void probe_cgroup_cpu(int version)
{
    if (version == 2) {
        set("cpu.max", "2000 20000");
    } else {
        set("cpu.cfs_period_us", "20000");
        set("cpu.cfs_quota_us", "2000");
    }
    pid_t child = fork_or_refuse();
    if (child == 0) {
        join();
        for (;;)
            continue;
    }
    /* On a busy machine it takes a while until the child has used its share. */
    for (long end = milliseconds() + 1500; throttled() < 2 && milliseconds() < end;)
        rest(5);
    kill(child, SIGKILL);
    int status;
    must(waitpid(child, &status, 0), "waitpid");
    if (WIFEXITED(status))
        _exit(1); /* it could not join, and has said why */
    if (throttled() == 0)
        no("a child that span for 1.5 s under a quota of 10 %% was never throttled");
    yes("v%d: a child that span was throttled under a quota of 10 %%", version);
}

static int frozen(int version)
{
    char text[256];

    if (version == 1)
        return strncmp(read_file(in_cgroup("freezer.state"), text, sizeof text), "FROZEN", 6) == 0;
    return strstr(read_file(in_cgroup("cgroup.events"), text, sizeof text), "frozen 1") != NULL;
}

/* What is frozen cannot count. */
static void freeze_and_look(int version, volatile uint64_t *counter)
{
    const char *file = version == 2 ? "cgroup.freeze" : "freezer.state";

    for (int tries = 0; *counter == 0 && tries < 100; tries++)
        rest(2);
    set(file, version == 2 ? "1" : "FROZEN");
    for (int tries = 0; !frozen(version) && tries < 200; tries++)
        rest(2);
    int done = frozen(version);
    uint64_t before = *counter;
    rest(20);
    uint64_t after = *counter;
    set(file, version == 2 ? "0" : "THAWED");
    if (before == 0)
        no("the child did not start");
    if (!done || before != after)
        no("the child went on counting");
}

static void probe_cgroup_freezer(int version)
{
    volatile uint64_t *counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork_or_refuse();

    if (child == 0) {
        join();
        for (;;)
            ++*counter;
    }
    freeze_and_look(version, counter);
    kill(child, SIGKILL);
    must(waitpid(child, NULL, 0), "waitpid");
    yes("v%d: a counting child stood still while frozen", version);
}

/* "8:0" of the whole disk that holds the current directory, or, where that is not on a disk, of any disk. */
static const char *some_disk(void)
{
    static char disk[4096];
    char path[512];
    struct stat here;
    struct dirent *entry;
    DIR *disks = opendir("/sys/block");

    must(stat(".", &here), "stat");
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/", major(here.st_dev), minor(here.st_dev));
    size_t end = strlen(path);
    strcpy(path + end, "partition");
    strcpy(path + end, access(path, F_OK) == 0 ? "../dev" : "dev");
    read_file(path, disk, sizeof disk);
    while (disk[0] == '\0' && disks && (entry = readdir(disks))) {
        snprintf(path, sizeof path, "/sys/block/%s/dev", entry->d_name);
        if (entry->d_name[0] != '.')
            read_file(path, disk, sizeof disk);
    }
    disk[strcspn(disk, "\n")] = '\0';
    return disk;
}

static void probe_cgroup_io(int version)
{
    const char *file = version == 2 ? "io.max" : "blkio.throttle.read_bps_device";
    const char *disk = some_disk();
    char line[64], text[4096];

    if (disk[0] == '\0')
        no("v%d: there is no disk here to limit", version);
    snprintf(line, sizeof line, version == 2 ? "%.16s rbps=1048576" : "%.16s 1048576", disk);
    set(file, line);
    if (!strstr(read_file(in_cgroup(file), text, sizeof text), "1048576"))
        no("%s took a limit for disk %s but does not show it", file, disk);
    yes("v%d: a read limit for disk %s was taken", version, disk);
}
