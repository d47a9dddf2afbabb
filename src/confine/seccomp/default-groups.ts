/**
 * The default profile, call by call: every call of both architectures stands in exactly one group (a test counts
 * them), and every group says why. `default-profile.ts` makes an OCI profile of it.
 *
 * Three answers. `allow`: programs need it, and its reach ends at what the namespaces give. `EPERM`: programs ask for
 * it by name, and should hear no. `ENOSYS`, which is also the default: say that this kernel is older, because programs
 * have a way without it; so every call that is invented after this list was written is refused, and harms nobody.
 */
import type { Capability } from '../../linux/capabilities.ts';
import type { ErrnoName } from '../../linux/errno.ts';

export interface Condition {
  argument: number;
  /** The call counts when (argument & mask) == value. Masks below 2^32 because the kernel reads an int there. */
  mask: number;
  value: number;
}

export interface Group {
  reason: string;
  /** Names, separated by blanks. A call that one architecture lacks is left out there. */
  calls: string;
  /** For calls that fulfil one of these (each a set that must hold together); others get `otherwise`. */
  allow?: 'always' | readonly (readonly Condition[])[];
  /** Calls that fulfil one of these get `otherwise`, all others are allowed. */
  refuse?: readonly (readonly Condition[])[];
  /** Without `allow` and `refuse`: for all calls. */
  otherwise?: ErrnoName;
  /** With this capability the group is allowed without conditions: who gives it away wants it used. */
  unless?: Capability;
}

const INT = 0xffff_ffff;
const is = (argument: number, value: number): readonly Condition[] => [{ argument, mask: INT, value }];
const family = (number: number) => is(0, number);

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (clone(2)). */
const NAMESPACE_FLAGS = 0x7e02_0000;
/** CLONE_NEWTIME lies among clone's signal bits, so that only unshare and clone3 take it. */
const NEWTIME = 0x80;
/** The file's type, and no set-user-ID bit. */
const fileType = (argument: number, type: number): readonly Condition[] => [
  { argument, mask: 0o174000, value: type },
];
const S_ISUID = 0o4000;
const setsUserId = (argument: number): readonly Condition[] => [{ argument, mask: S_ISUID, value: S_ISUID }];
/** Only a call that makes a file has a mode; in others the register holds whatever it held. */
const [O_CREAT, O_TMPFILE] = [0x40, 0x40_0000];
const createsSetUserId = (flags: number) =>
  [O_CREAT, O_TMPFILE].map((flag) => [
    { argument: flags, mask: flag, value: flag },
    ...setsUserId(flags + 1),
  ]);
const [S_IFIFO, S_IFREG, S_IFSOCK] = [0o010000, 0o100000, 0o140000];
const plainFiles = (argument: number) =>
  [0, S_IFIFO, S_IFREG, S_IFSOCK].map((type) => fileType(argument, type));

const files: readonly Group[] = [
  {
    reason: 'Open files: what may be opened is the mount namespace’s business',
    allow: 'always',
    calls: `read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2
      dup3 fcntl flock fsync fdatasync sync syncfs sync_file_range truncate ftruncate fallocate fadvise64 readahead
      copy_file_range sendfile splice tee getdents getdents64`,
  },
  {
    reason: 'Paths: resolved in our own root, with permission checks that need no help',
    allow: 'always',
    calls: `stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat mkdir mkdirat rmdir
      unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat chown fchown lchown fchownat utime utimes
      utimensat futimesat umask getcwd chdir fchdir statfs fstatfs`,
  },
  // All our mounts are nosuid. But a folder of the host that is bound to be written to is not so outside, and a program
  // left there with its owner’s set-user-ID bit would run as him for every other user of the host.
  {
    reason: 'Modes, but for the set-user-ID bit: in a bound folder it would hold on the host',
    calls: 'chmod fchmod creat',
    refuse: [setsUserId(1)],
    otherwise: 'EPERM',
  },
  { reason: 'Modes, as chmod', calls: 'fchmodat fchmodat2', refuse: [setsUserId(2)], otherwise: 'EPERM' },
  { reason: 'New files’ modes, as chmod', calls: 'open', refuse: createsSetUserId(1), otherwise: 'EPERM' },
  { reason: 'New files’ modes, as chmod', calls: 'openat', refuse: createsSetUserId(2), otherwise: 'EPERM' },
  {
    reason: 'Its mode is in memory, where no filter can look; programs fall back to openat',
    calls: 'openat2',
    otherwise: 'ENOSYS',
  },
  {
    reason: 'Extended attributes: `cp -a` and `tar --xattrs`; trusted.* and security.* need capabilities',
    allow: 'always',
    calls: `setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr
      lremovexattr fremovexattr setxattrat getxattrat listxattrat removexattrat`,
  },
  {
    reason: 'mkfifo and sockets by path; a device node would be a way around /dev',
    calls: 'mknod',
    allow: plainFiles(1),
    otherwise: 'EPERM',
    unless: 'CAP_MKNOD',
  },
  {
    reason: 'Fifos and sockets, as mknod',
    calls: 'mknodat',
    allow: plainFiles(2),
    otherwise: 'EPERM',
    unless: 'CAP_MKNOD',
  },
  {
    // Low 32 bits: the kernel’s cmd is an int, so 0x1_0000_5412 is TIOCSTI as well (CVE-2019-10063, CVE-2019-7303).
    reason:
      'Devices that we have. Not TIOCSTI, TIOCLINUX (type into a terminal), TIOCSETD (loads modules: CVE-2017-2636)',
    calls: 'ioctl',
    refuse: [is(1, 0x5412), is(1, 0x541c), is(1, 0x5423)],
    otherwise: 'EPERM',
  },
  {
    reason: 'Waiting for descriptors, and descriptors that stand for events, timers and signals',
    allow: 'always',
    calls: `poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd
      eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime inotify_init inotify_init1
      inotify_add_watch inotify_rm_watch pipe pipe2`,
  },
  {
    reason: 'Asynchronous I/O of the old kind, for databases: its requests are checked as read and write are',
    allow: 'always',
    calls: 'io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents',
  },
  {
    reason: 'Requests in a ring pass no filter at all (and CVE-2022-29582)',
    calls: 'io_uring_setup io_uring_enter io_uring_register',
    otherwise: 'EPERM',
  },
  {
    reason: 'Opens a file by its inode, past every path that mounts hide: the “shocker” break-out of 2014',
    calls: 'open_by_handle_at',
    otherwise: 'EPERM',
    unless: 'CAP_DAC_READ_SEARCH',
  },
  {
    reason:
      'Gives pages, not bytes, to a pipe, where writers see later changes (CVE-2020-29374); splice has a copy',
    calls: 'vmsplice',
    otherwise: 'ENOSYS',
  },
  {
    reason:
      'Whose pages are in memory, of others too (CVE-2019-5489); handles that cannot be opened; what ioctl does as well',
    calls: 'cachestat name_to_handle_at file_getattr file_setattr',
    otherwise: 'ENOSYS',
  },
];

const processes: readonly Group[] = [
  {
    reason: 'One’s own memory. Protection keys, sealing and shadow stacks only narrow what a process can do',
    allow: 'always',
    calls: `mmap munmap mremap mprotect madvise brk mincore msync mlock mlock2 munlock mlockall munlockall membarrier
      memfd_create pkey_alloc pkey_free pkey_mprotect mseal map_shadow_stack`,
  },
  {
    reason:
      'Where memory lies among nodes: libnuma does without, and it had its share of holes (CVE-2010-0415)',
    calls: 'get_mempolicy set_mempolicy set_mempolicy_home_node mbind migrate_pages move_pages',
    otherwise: 'ENOSYS',
    unless: 'CAP_SYS_NICE',
  },
  {
    reason: 'Out of use and emulated since 4.0; memory that the kernel itself cannot read',
    calls: 'remap_file_pages memfd_secret',
    otherwise: 'ENOSYS',
  },
  {
    reason: 'Faults handed to user space: stops the kernel in the middle of a copy, as exploits like it',
    calls: 'userfaultfd',
    otherwise: 'EPERM',
  },
  {
    reason: 'Processes: the pid namespace bounds whom they reach',
    allow: 'always',
    calls: `fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid set_tid_address setpgid getpgid
      getpgrp setsid getsid kill tkill tgkill pidfd_open pidfd_send_signal rt_sigaction rt_sigprocmask rt_sigreturn
      rt_sigsuspend rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack restart_syscall pause
      futex futex_wait futex_wake futex_requeue futex_waitv set_robust_list get_robust_list rseq getcpu prctl arch_prctl`,
  },
  {
    reason: 'Processes and threads, not namespaces: a user namespace makes everybody root of something',
    calls: 'clone',
    allow: [[{ argument: 0, mask: NAMESPACE_FLAGS, value: 0 }]],
    otherwise: 'EPERM',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    reason:
      'Its flags lie in memory, where no filter looks; told ENOSYS, C libraries call clone, whose flags we see',
    calls: 'clone3',
    otherwise: 'ENOSYS',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    reason: 'To stop sharing files or a folder is harmless; the rest makes namespaces, as clone',
    calls: 'unshare',
    allow: [[{ argument: 0, mask: NAMESPACE_FLAGS | NEWTIME, value: 0 }]],
    otherwise: 'EPERM',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    reason: 'Enters other namespaces, of a leaked descriptor for one',
    calls: 'setns',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    // Before 4.8 a tracer could change the call after the filter had seen it (seccomp(2), "Notes").
    reason: 'Debuggers. A tracer cannot pass the filter, and our init, which has none, is not dumpable',
    calls: 'ptrace',
    allow: 'always',
  },
  {
    reason: 'What ptrace can do, without stopping the target; debuggers fall back to it',
    calls: 'process_vm_readv process_vm_writev process_madvise process_mrelease kcmp',
    otherwise: 'ENOSYS',
    unless: 'CAP_SYS_PTRACE',
  },
  {
    reason: 'Takes a descriptor out of another process',
    calls: 'pidfd_getfd',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_PTRACE',
  },
  {
    reason:
      'The query, Linux, 32-bit and old uname, fixed addresses for debuggers. Not MMAP_PAGE_ZERO, READ_IMPLIES_EXEC',
    calls: 'personality',
    allow: [0, 0x8, 0x2_0000, 0x2_0008, 0x4_0000, INT].map((value) => is(0, value)),
    otherwise: 'EPERM',
  },
  {
    reason: 'Scheduling and limits: raising them needs capabilities',
    allow: 'always',
    calls: `sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
      sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
      sched_rr_get_interval getpriority setpriority ioprio_get ioprio_set getrlimit setrlimit prlimit64 getrusage times`,
  },
  {
    reason: 'Identity: the capabilities and the user namespace decide',
    allow: 'always',
    calls: `getuid getgid geteuid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid
      setresgid setfsuid setfsgid setgroups capget capset`,
  },
  {
    reason: 'To confine oneself further',
    allow: 'always',
    calls: 'seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self',
  },
  {
    // Since 6.11 the kernel maps these trampolines into processes that somebody probes from outside.
    reason: 'The kernel’s own trampolines call them when the host probes a guest; from elsewhere they fail',
    allow: 'always',
    calls: 'uretprobe uprobe',
  },
];

const communication: readonly Group[] = [
  {
    reason: 'Sockets that exist: their network is the namespace’s',
    allow: 'always',
    calls: `connect bind listen accept accept4 getsockname getpeername setsockopt getsockopt sendto recvfrom sendmsg
      recvmsg sendmmsg recvmmsg shutdown`,
  },
  {
    // Others would load their modules on demand: CVE-2010-3904 (RDS), CVE-2017-6074 (DCCP), CVE-2021-43267 (TIPC).
    reason:
      'Unix, IPv4, IPv6, netlink for routes (getifaddrs). Not AF_VSOCK, which reaches the hypervisor, nor AF_ALG and the rest',
    calls: 'socket',
    allow: [family(1), family(2), family(10), [...family(16), { argument: 2, mask: INT, value: 0 }]],
    otherwise: 'EAFNOSUPPORT',
  },
  { reason: 'Pairs are of one family', calls: 'socketpair', allow: [family(1)], otherwise: 'EAFNOSUPPORT' },
  {
    reason: 'System V and POSIX message queues, semaphores and shared memory: of our own ipc namespace',
    allow: 'always',
    calls: `shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semtimedop semctl mq_open mq_unlink
      mq_timedsend mq_timedreceive mq_notify mq_getsetattr`,
  },
  {
    reason: 'Keys belong to users and sessions, not to containers, and their code had holes (CVE-2016-0728)',
    calls: 'add_key request_key keyctl',
    otherwise: 'EPERM',
  },
];

const machine: readonly Group[] = [
  {
    reason: 'Time to read and to wait for; the machine’s name and load; random numbers',
    allow: 'always',
    calls: `time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer timer_create
      timer_settime timer_gettime timer_getoverrun timer_delete uname sysinfo getrandom`,
  },
  {
    reason: 'The clock has no namespace but for two of its kinds',
    calls: 'settimeofday clock_settime adjtimex clock_adjtime',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_TIME',
  },
  {
    reason:
      'Mounting: parsers of hostile images, and the undoing of masks and read-only binds (CVE-2022-0185)',
    calls: `mount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr`,
    otherwise: 'EPERM',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    reason: 'The list of mounts: libmount falls back to /proc/self/mountinfo',
    calls: 'statmount listmount',
    otherwise: 'ENOSYS',
    unless: 'CAP_SYS_ADMIN',
  },
  { reason: 'Half of the classic break-out', calls: 'chroot', otherwise: 'EPERM', unless: 'CAP_SYS_CHROOT' },
  {
    reason: 'The name of the world, which its maker gave; watching the file system’s every access',
    calls: 'sethostname setdomainname fanotify_init fanotify_mark quotactl quotactl_fd',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_ADMIN',
  },
  {
    reason: 'Programs in the kernel: the verifier’s mistakes are everybody’s (CVE-2021-3490)',
    calls: 'bpf',
    otherwise: 'EPERM',
    unless: 'CAP_BPF',
  },
  {
    reason: 'Counters see the host, and their code had holes (CVE-2013-2094)',
    calls: 'perf_event_open',
    otherwise: 'EPERM',
    unless: 'CAP_PERFMON',
  },
  {
    reason: 'The kernel’s log is the host’s, with its addresses',
    calls: 'syslog',
    otherwise: 'EPERM',
    unless: 'CAP_SYSLOG',
  },
  {
    reason: 'Accounting writes where the host’s root says',
    calls: 'acct',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_PACCT',
  },
  {
    reason: 'Hangs up whoever else is on the terminal',
    calls: 'vhangup',
    otherwise: 'EPERM',
    unless: 'CAP_SYS_TTY_CONFIG',
  },
  {
    reason: 'The machine itself: another kernel, more kernel, ports, swap, off. No capability opens them',
    calls: `reboot kexec_load kexec_file_load init_module finit_module delete_module create_module query_module
      get_kernel_syms swapon swapoff iopl ioperm lookup_dcookie nfsservctl`,
    otherwise: 'EPERM',
  },
  {
    reason: 'Segments for 16-bit code: kernels may be built without (CVE-2015-5157)',
    calls: 'modify_ldt set_thread_area get_thread_area',
    otherwise: 'ENOSYS',
  },
  {
    reason: 'Long gone, never there, or of use to nobody here',
    calls: `uselib ustat sysfs _sysctl getpmsg putpmsg afs_syscall tuxcall security vserver epoll_ctl_old epoll_wait_old
      lsm_get_self_attr lsm_set_self_attr lsm_list_modules`,
    otherwise: 'ENOSYS',
  },
];

export const DEFAULT_GROUPS: readonly Group[] = [...files, ...processes, ...communication, ...machine];

/** What a call in no group gets. */
export const DEFAULT_ERRNO: ErrnoName = 'ENOSYS';
