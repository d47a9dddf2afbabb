/*
 * Idea: the runtime covers the dangerous files of /proc by path. If the image can bend that path (a symbolic link
 * for /proc, another proc somewhere else), the covers land next to what they should cover.
 * Incident: CVE-2019-16884, CVE-2023-27561, CVE-2025-31133 (runc: masks applied to a path of the image's choosing).
 * Success: any procfs in sight gives a file that acts on the whole machine, for writing, or the memory of the kernel.
 * Usage: unmasked-proc
 */
#include "attempt.h"
#include <mntent.h>
#include <sys/vfs.h>

#define PROC_SUPER_MAGIC 0x9fa0

static const char *const WRITES[] = {"sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/modprobe",
                                     "sys/vm/drop_caches", "irq/default_smp_affinity"};
static const char *const READS[] = {"kcore", "keys", "timer_list", "interrupts", "sched_debug", "latency_stats", "scsi/scsi"};

static void examine(const char *proc) {
  char path[512], line[64];
  struct statfs info;
  if (statfs(proc, &info) < 0 || info.f_type != PROC_SUPER_MAGIC) return;
  for (size_t i = 0; i < sizeof WRITES / sizeof *WRITES; i++) {
    snprintf(path, sizeof path, "%s/%s", proc, WRITES[i]);
    open_for_writing(path);
  }
  for (size_t i = 0; i < sizeof READS / sizeof *READS; i++) {
    snprintf(path, sizeof path, "%s/%s", proc, READS[i]);
    if (read_line_at(AT_FDCWD, path, line, sizeof line) == 0) escaped("%s can be read", path);
    stopped("read %s", path);
  }
}

int main(void) {
  struct stat proc;
  if (lstat("/proc", &proc) < 0) stopped("lstat /proc");
  else if (!S_ISDIR(proc.st_mode)) examine("/proc/");
  examine("/tmp");
  examine("/dev");
  FILE *mounts = setmntent("/proc/self/mounts", "r");
  if (!mounts) {
    stopped("open /proc/self/mounts");
    contained();
  }
  for (struct mntent *mount; (mount = getmntent(mounts));) examine(mount->mnt_dir);
  contained();
}
