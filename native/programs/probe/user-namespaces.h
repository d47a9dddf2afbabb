/* User namespaces (user_namespaces(7)) for who has no rights at all, and with more than one id. */
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#define NOBODY 65534

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    must(syscall(SYS_capset, &header, none), "capset");
}

/*
 * Become nobody where such an id exists. Inside a container it may not; but what the kernel asks for is the
 * capabilities, and those go in any case.
 */
static void drop_privileges(void)
{
    if (geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0)
        (void)!setresuid(NOBODY, NOBODY, NOBODY);
    drop_capabilities();
    /* A change of ids makes /proc/self root's (proc(5)); its uid_map must be ours to write. */
    prctl(PR_SET_DUMPABLE, 1);
}

static void probe_user_namespace_unprivileged(void)
{
    pid_t child = fork_or_refuse();

    if (child == 0) {
        drop_privileges();
        uid_t uid = geteuid();
        pid_t inside = enter(CLONE_NEWUSER | CLONE_NEWNS);
        if (inside == 0) {
            private_tmp();
            _exit(0);
        }
        settle(inside);
        yes("uid %u without capabilities is root inside, and mounts there", uid);
    }
    settle(child);
    _exit(0);
}

/* newuidmap(1), newgidmap(1): PID and then numbers as in the map, one argument each. */
static void map_by_helper(const char *helper, pid_t child, char *map)
{
    char *arguments[64] = {(char *)helper}, pid[16];
    int count = 2;

    snprintf(pid, sizeof pid, "%d", child);
    arguments[1] = pid;
    for (char *word = strtok(map, " \n"); word && count < 63; word = strtok(NULL, " \n"))
        arguments[count++] = word;
    pid_t task = fork_or_refuse();
    if (task == 0) {
        /* What the helper complains about is for people, and standard error is not read. */
        execvp(helper, arguments);
        refused(helper);
    }
    int status;
    must(waitpid(task, &status, 0), "waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    no("%s refused the map (/etc/subuid, /etc/subgid)", helper);
}

static void map_directly(const char *file, pid_t child, const char *map)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", child, file);
    must(write_file(path, map), file);
}

/*
 * probe user-namespace.multi-id direct|helper UID-MAP GID-MAP: the maps that ring3 would write. The child must then be
 * able to become id 1.
 */
static void probe_user_namespace_multi_id(char **arguments)
{
    int ready[2];
    char byte;

    must(pipe(ready), "pipe");
    pid_t child = clone3_child(CLONE_NEWUSER, NULL);
    if (child < 0)
        refused("clone3 of a user namespace");
    if (child == 0) {
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 1)
            _exit(1);
        must(setresgid(1, 1, 1), "becoming gid 1");
        must(setresuid(1, 1, 1), "becoming uid 1");
        _exit(0);
    }
    if (strcmp(arguments[0], "direct") == 0) {
        map_directly("uid_map", child, arguments[1]);
        map_directly("gid_map", child, arguments[2]);
    } else {
        map_by_helper("newuidmap", child, arguments[1]);
        map_by_helper("newgidmap", child, arguments[2]);
    }
    must(write(ready[1], "x", 1), "write");
    settle(child);
    yes("ids 0 and 1 both exist inside (%s)", strcmp(arguments[0], "direct") == 0 ? "written directly" : "newuidmap");
}
