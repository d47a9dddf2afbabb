/*
 * Idea: the release_agent of a cgroup v1 hierarchy is a program that the host's kernel starts, as root and outside
 * of everything, when a cgroup empties. Who can mount a hierarchy (or has one in sight, writable) can name it.
 * Incident: CVE-2022-0492.
 * Success: a release_agent opens for writing. Nothing is written, and what we mounted is unmounted.
 * Usage: release-agent
 */
#include "attempt.h"
#include <glob.h>
#include <sched.h>
#include <sys/mount.h>

static void mount_and_look(const char *who, const char *options) {
  char directory[] = "/tmp/release-agent-XXXXXX", path[64];
  if (!mkdtemp(directory)) {
    stopped("mkdir %s", directory);
    return;
  }
  snprintf(path, sizeof path, "%s/release_agent", directory);
  int mounted = mount("none", directory, "cgroup", 0, options) == 0;
  if (!mounted) stopped("mount cgroup %s %s", options, who);
  int agent = mounted ? open(path, O_WRONLY | O_CLOEXEC) : -1;
  if (mounted && agent < 0) stopped("open release_agent of %s %s", options, who);
  if (agent >= 0) close(agent);
  if (mounted) umount(directory);
  rmdir(directory);
  if (agent >= 0) escaped("the release_agent of a hierarchy (%s) opens for writing", options);
}

int main(void) {
  glob_t found;
  if (glob("/sys/fs/cgroup/{,*/}release_agent", GLOB_BRACE, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) open_for_writing(found.gl_pathv[i]);

  mount_and_look("as we are", "none,name=ring3-release-agent");
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0) {
    stopped("unshare user, mount and cgroup namespaces");
    contained();
  }
  const char *controllers[] = {"rdma", "memory", "pids", "cpu", "net_cls", "none,name=ring3-release-agent"};
  for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++)
    mount_and_look("in a user namespace of our own", controllers[i]);
  contained();
}
