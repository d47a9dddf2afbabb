/* Mounts: what a root file system of one's own is made of. All of it happens in a mount namespace of the probe's. */
#include <linux/mount.h>
#include <sys/syscall.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

static void make_file(const char *path, const char *text)
{
    int file = (int)must(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), path);

    must(write(file, text, strlen(text)), path);
    close(file);
}

/* A change and a deletion through the overlay, neither of which may reach the lower layer. */
static void use_overlay(void)
{
    char text[16];

    private_tmp();
    for (const char *const *name = (const char *const[]){"lower", "upper", "work", "merged", NULL}; *name; name++)
        must(mkdir(*name, 0755), *name);
    make_file("lower/changed", "lower");
    make_file("lower/deleted", "lower");
    must(mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"), "mount of an overlay");
    must(write_file("merged/changed", "upper"), "writing through the overlay");
    must(unlink("merged/deleted"), "deleting through the overlay");
    if (strcmp(read_file("lower/changed", text, sizeof text), "lower") != 0 || access("lower/deleted", F_OK) < 0)
        no("a change through the overlay reached the lower layer");
    if (strcmp(read_file("merged/changed", text, sizeof text), "upper") != 0 || access("merged/deleted", F_OK) == 0)
        no("a change through the overlay does not show in it");
}

static void probe_overlay(void)
{
    pid_t child = enter(CLONE_NEWNS);

    if (child == 0) {
        use_overlay();
        _exit(0);
    }
    settle(child);
    yes("a change and a deletion stay in the upper layer (made %s)", entered);
}

static void probe_overlay_user_namespace(void)
{
    pid_t child = enter(CLONE_NEWNS | CLONE_NEWUSER);

    if (child == 0) {
        use_overlay();
        _exit(0);
    }
    settle(child);
    yes("an overlay mounted by the root of a user namespace");
}

/* The old root ends up on top of the new one, and is taken off (pivot_root(2), NOTES: pivot_root(".", ".")). */
static void probe_pivot_root(void)
{
    pid_t child = enter(CLONE_NEWNS);

    if (child == 0) {
        private_tmp();
        make_file("here", "");
        must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
        must(umount2(".", MNT_DETACH), "unmounting the old root");
        must(chdir("/"), "chdir");
        if (access("/here", F_OK) < 0 || access("/proc", F_OK) == 0)
            no("after pivot_root / is not the new root");
        _exit(0);
    }
    settle(child);
    yes("/ is a tmpfs of its own (made %s)", entered);
}

/*
 * A new proc shows only the processes of its pid namespace. In a user namespace the kernel refuses it while the proc
 * that is already there is partly covered, as container engines do it (fs/namespace.c, mount_too_revealing).
 */
static void probe_mount_proc(void)
{
    pid_t child = enter(CLONE_NEWNS | CLONE_NEWPID);

    if (child == 0) {
        char self[16] = "";
        must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "making mounts private");
        must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount of a new proc");
        must(readlink("/proc/self", self, sizeof self - 1), "/proc/self");
        if (strcmp(self, "1") != 0)
            no("/proc/self is %s in the new proc", self);
        _exit(0);
    }
    settle(child);
    yes("/proc/self is 1 in a new proc (made %s)", entered);
}

/* fsopen, fsconfig, fsmount, move_mount, open_tree and mount_setattr, each of them. */
static void use_new_mount_api(void)
{
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "making mounts private");
    int context = (int)must(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), "fsopen");
    must(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", "1m", 0), "fsconfig");
    must(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
    int made = (int)must(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0), "fsmount");
    must(syscall(SYS_move_mount, made, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
    must(chdir("/tmp"), "chdir");
    make_file("writable", "");
    must(mkdir("copy", 0755), "mkdir");
    int tree = (int)must(syscall(SYS_open_tree, AT_FDCWD, "/tmp", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "open_tree");
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes),
         "mount_setattr");
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp/copy", MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
    if (open("copy/writable", O_WRONLY | O_CLOEXEC) >= 0)
        no("a bind made read-only by mount_setattr can be written");
}

static void probe_mount_new_api(void)
{
    pid_t child = enter(CLONE_NEWNS);

    if (child == 0) {
        use_new_mount_api();
        _exit(0);
    }
    settle(child);
    yes("fsopen to move_mount, and a read-only bind by mount_setattr (made %s)", entered);
}
