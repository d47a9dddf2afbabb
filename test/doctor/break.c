/*
 * break STEPS -- COMMAND: run a command in which one thing does not work. For tests of `ring3 doctor`.
 *
 *   as UID                        become that user, without capabilities
 *   without CAPABILITY            drop a capability, by number
 *   user                          a user namespace in which every id is itself, and a mount namespace
 *   mounts                        a mount namespace
 *   hide PATH                     /dev/null over a file, an empty tmpfs over a directory
 *   readonly PATH                 a read-only bind over itself
 *   bind SOURCE PATH
 *   unmount PATH                  with all below
 *   write PATH TEXT
 *   no-new-privileges             which an ordinary user needs for the filters below
 *   core N                        run on that core only
 *   processes N                   RLIMIT_NPROC
 *   refuse NR ERRNO               a system call answers an error (0: success, undone)
 *   refuse-value NR ARG VALUE ERRNO   when that argument has the value (low 32 bits)
 *   refuse-flag NR ARG MASK ERRNO     when it has one of these bits
 *   kill NR                       the call kills the process
 *   hang NR                       the call never returns
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);

    if (file < 0 || write(file, text, strlen(text)) < 0)
        err(125, "writing %s", path);
    close(file);
}

static void filter_with(unsigned nr, unsigned argument, unsigned short test, unsigned value, unsigned action)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * argument),
        BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {6, code};
    /* Who has CAP_SYS_ADMIN keeps setuid programs working. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        err(125, "seccomp");
}

/* A supervisor that never answers: this process stays behind and holds the listener. */
static void hang_at(unsigned nr)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, code};
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    int status;

    if (listener < 0)
        err(125, "seccomp listener");
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(listener);
        return;
    }
    waitpid(child, &status, 0);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 125);
}

static void same_ids(pid_t child, const char *file)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", child, file);
    write_file(path, "0 0 4294967295");
}

static void enter_user_namespace(void)
{
    int entered[2], mapped[2], status;
    char byte;

    if (pipe(entered) < 0 || pipe(mapped) < 0)
        err(125, "pipe");
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
            err(125, "unshare");
        if (write(entered[1], "x", 1) != 1 || read(mapped[0], &byte, 1) != 1)
            err(125, "map");
        if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
            err(125, "becoming root");
        return;
    }
    if (read(entered[0], &byte, 1) == 1) {
        same_ids(child, "uid_map");
        same_ids(child, "gid_map");
        if (write(mapped[1], "x", 1) != 1)
            err(125, "map");
    }
    waitpid(child, &status, 0);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 125);
}

static void enter_mount_namespace(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        err(125, "mount namespace");
}

static void hide(const char *path)
{
    struct stat file;

    if (stat(path, &file) < 0)
        err(125, "%s", path);
    int done = S_ISDIR(file.st_mode) ? mount("none", path, "tmpfs", MS_RDONLY, NULL)
                                     : mount("/dev/null", path, NULL, MS_BIND, NULL);
    if (done < 0)
        err(125, "hiding %s", path);
}

static void bind(const char *source, const char *path)
{
    if (mount(source, path, NULL, MS_BIND, NULL) < 0)
        err(125, "binding %s", path);
}

static void make_readonly(const char *path)
{
    if (mount(path, path, NULL, MS_BIND, NULL) < 0 || mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
        err(125, "read-only %s", path);
}

static void drop(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 || syscall(SYS_capget, &header, sets) < 0)
        err(125, "capabilities");
    sets[capability / 32].effective &= ~(1U << capability % 32);
    sets[capability / 32].permitted &= ~(1U << capability % 32);
    sets[capability / 32].inheritable &= ~(1U << capability % 32);
    if (syscall(SYS_capset, &header, sets) < 0)
        err(125, "capset");
}

static void become(unsigned uid)
{
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
        err(125, "becoming %u", uid);
}

static void use_core(unsigned core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        err(125, "sched_setaffinity");
}

static void limit_processes(unsigned long count)
{
    struct rlimit limit = {count, count};

    if (setrlimit(RLIMIT_NPROC, &limit) < 0)
        err(125, "setrlimit");
}

int main(int count, char **words)
{
    char **word = words + 1;

#define IS(name) (strcmp(*word, name) == 0)
#define NUMBER(n) ((unsigned)strtoul(word[n], NULL, 0))
    while (word < words + count && !IS("--")) {
        if (IS("as")) become(NUMBER(1)), word += 2;
        else if (IS("without")) drop(NUMBER(1)), word += 2;
        else if (IS("user")) enter_user_namespace(), word += 1;
        else if (IS("mounts")) enter_mount_namespace(), word += 1;
        else if (IS("hide")) hide(word[1]), word += 2;
        else if (IS("readonly")) make_readonly(word[1]), word += 2;
        else if (IS("bind")) bind(word[1], word[2]), word += 3;
        else if (IS("unmount")) umount2(word[1], MNT_DETACH), word += 2;
        else if (IS("write")) write_file(word[1], word[2]), word += 3;
        else if (IS("no-new-privileges")) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), word += 1;
        else if (IS("core")) use_core(NUMBER(1)), word += 2;
        else if (IS("processes")) limit_processes(NUMBER(1)), word += 2;
        else if (IS("refuse"))
            filter_with(NUMBER(1), 0, BPF_JGE, 0, SECCOMP_RET_ERRNO | NUMBER(2)), word += 3;
        else if (IS("refuse-value"))
            filter_with(NUMBER(1), NUMBER(2), BPF_JEQ, NUMBER(3), SECCOMP_RET_ERRNO | NUMBER(4)), word += 5;
        else if (IS("refuse-flag"))
            filter_with(NUMBER(1), NUMBER(2), BPF_JSET, NUMBER(3), SECCOMP_RET_ERRNO | NUMBER(4)), word += 5;
        else if (IS("kill"))
            filter_with(NUMBER(1), 0, BPF_JGE, 0, SECCOMP_RET_KILL_PROCESS), word += 2;
        else if (IS("hang")) hang_at(NUMBER(1)), word += 2;
        else errx(125, "no step %s", *word);
    }
    if (word >= words + count - 1)
        errx(125, "usage: break STEPS -- COMMAND");
    execvp(word[1], word + 1);
    err(125, "%s", word[1]);
}
