/*
 * probe NAME [ARGUMENTS]: does one thing that `ring3 doctor` wants to know about, and says what happened.
 *
 * In a nutshell: one process a probe, so that a probe may drop rights, filter itself, or crash. Each family is a header
 * of its own under probe/; report.h says how a probe answers. Static, so that it runs in any root file system.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "probe/report.h"
/* What follows uses what stands before it. */
#include "probe/namespaces.h"
#include "probe/user-namespaces.h"
#include "probe/mounts.h"
#include "probe/tasks.h"
#include "probe/seccomp.h"
#include "probe/ptrace.h"
#include "probe/memory.h"
#include "probe/kvm.h"
#include "probe/cgroups.h"

static const struct {
    const char *name;
    void (*probe)(void);
} probes[] = {
    {"clone3", probe_clone3},
    {"processes", probe_processes},
    {"cores", probe_cores},
    {"no-new-privileges", probe_no_new_privileges},
    {"capabilities", probe_capabilities},
    {"terminal", probe_terminal},
    {"namespace.user", probe_namespace_user},
    {"namespace.mnt", probe_namespace_mnt},
    {"namespace.pid", probe_namespace_pid},
    {"namespace.net", probe_namespace_net},
    {"namespace.ipc", probe_namespace_ipc},
    {"namespace.uts", probe_namespace_uts},
    {"namespace.cgroup", probe_namespace_cgroup},
    {"namespace.time", probe_namespace_time},
    {"user-namespace.unprivileged", probe_user_namespace_unprivileged},
    {"overlay", probe_overlay},
    {"overlay.user-namespace", probe_overlay_user_namespace},
    {"pivot-root", probe_pivot_root},
    {"mount.proc", probe_mount_proc},
    {"mount.new-api", probe_mount_new_api},
    {"seccomp.filter", probe_seccomp_filter},
    {"seccomp.user-notification", probe_seccomp_user_notification},
    {"seccomp.trap", probe_seccomp_trap},
    {"syscall-user-dispatch", probe_syscall_user_dispatch},
    {"ptrace", probe_ptrace},
    {"ptrace.sysemu", probe_ptrace_sysemu},
    {"process-vm", probe_process_vm},
    {"memfd", probe_memfd},
    {"memfd.exec", probe_memfd_exec},
    {"from-memfd", probe_from_memfd},
    {"page-zero", probe_page_zero},
    {"kvm", probe_kvm},
};

static const struct {
    const char *name;
    void (*probe)(int version);
} cgroup_probes[] = {
    {"cgroup.memory", probe_cgroup_memory},
    {"cgroup.pids", probe_cgroup_pids},
    {"cgroup.cpu", probe_cgroup_cpu},
    {"cgroup.freezer", probe_cgroup_freezer},
    {"cgroup.io", probe_cgroup_io},
};

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";

    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
        if (count == 2 && strcmp(name, probes[i].name) == 0)
            probes[i].probe();
    if (count == 5 && strcmp(name, "user-namespace.multi-id") == 0)
        probe_user_namespace_multi_id(arguments + 2);
    for (size_t i = 0; i < sizeof cgroup_probes / sizeof *cgroup_probes; i++) {
        if (count == 4 && strcmp(name, cgroup_probes[i].name) == 0) {
            cgroup = arguments[3];
            cgroup_probes[i].probe(strcmp(arguments[2], "v2") == 0 ? 2 : 1);
        }
    }
    fprintf(stderr, "usage: probe NAME [ARGUMENTS], with a name of src/doctor/README.md\n");
    return 2;
}
