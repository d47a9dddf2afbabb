/* What calls take, a letter an argument (arguments.h): f descriptor, n name of a file, p pointer, v struct iovec, t timespec,
 * l length, o flags, i small number, g signal, d process, a address of a mapping, m mode or protection, w word of a futex,
 * k socket address, u anything. A call that is not here gets anything. Those that only end their process are missing. */

static const struct call { int number; const char *name, *takes; } known[] = {
#define CALL(name, takes) {SYS_##name, #name, takes}
    CALL(read, "fpl"), CALL(write, "fpl"), CALL(open, "nom"), CALL(close, "f"), CALL(stat, "np"), CALL(fstat, "fp"), CALL(lstat, "np"),
    CALL(poll, "pii"), CALL(lseek, "fui"), CALL(mmap, "almofu"), CALL(mprotect, "alm"), CALL(munmap, "al"), CALL(brk, "a"),
    CALL(rt_sigaction, "ghpi"), CALL(rt_sigprocmask, "ippi"), CALL(ioctl, "fop"), CALL(pread64, "fplu"), CALL(pwrite64, "fplu"),
    CALL(readv, "fvi"), CALL(writev, "fvi"), CALL(access, "ni"), CALL(pipe, "p"), CALL(select, "ipppt"), CALL(sched_yield, ""),
    CALL(mremap, "alloa"), CALL(msync, "ali"), CALL(mincore, "alp"), CALL(madvise, "ali"), CALL(dup, "f"), CALL(dup2, "ff"),
    CALL(nanosleep, "tp"), CALL(getitimer, "ip"), CALL(setitimer, "ipp"), CALL(getpid, ""), CALL(sendfile, "ffpl"),
    CALL(socket, "iii"), CALL(connect, "fki"), CALL(accept, "fpp"), CALL(sendto, "fploki"), CALL(recvfrom, "fplopp"),
    CALL(sendmsg, "fpo"), CALL(recvmsg, "fpo"), CALL(shutdown, "fi"), CALL(bind, "fki"), CALL(listen, "fi"), CALL(getsockname, "fpp"),
    CALL(getpeername, "fpp"), CALL(socketpair, "iiip"), CALL(setsockopt, "fiipl"), CALL(getsockopt, "fiipp"), CALL(clone, "oappu"),
    CALL(fork, ""), CALL(vfork, ""), CALL(execve, "npp"), CALL(wait4, "dpip"), CALL(kill, "dg"), CALL(uname, "p"), CALL(fcntl, "fip"),
    CALL(fcntl, "fiu"), CALL(flock, "fi"), CALL(fsync, "f"), CALL(fdatasync, "f"), CALL(truncate, "nu"), CALL(ftruncate, "fu"),
    CALL(getdents64, "fpl"), CALL(getcwd, "pl"), CALL(chdir, "n"), CALL(fchdir, "f"), CALL(rename, "nn"), CALL(mkdir, "nm"),
    CALL(rmdir, "n"), CALL(creat, "nm"), CALL(link, "nn"), CALL(unlink, "n"), CALL(symlink, "nn"), CALL(readlink, "npl"),
    CALL(chmod, "nm"), CALL(fchmod, "fm"), CALL(chown, "nii"), CALL(fchown, "fii"), CALL(lchown, "nii"), CALL(umask, "m"),
    CALL(getrlimit, "ip"), CALL(setrlimit, "ip"), CALL(getrusage, "ip"), CALL(sysinfo, "p"), CALL(times, "p"), CALL(setpgid, "dd"),
    CALL(setsid, ""), CALL(getpgid, "d"), CALL(getsid, "d"), CALL(getgroups, "ip"), CALL(setgroups, "ip"), CALL(capget, "pp"),
    CALL(capset, "pp"), CALL(rt_sigpending, "pi"), CALL(rt_sigtimedwait, "ppti"), CALL(rt_sigqueueinfo, "dgp"), CALL(rt_sigsuspend, "pi"),
    CALL(sigaltstack, "pp"), CALL(utime, "np"), CALL(mknod, "nmu"), CALL(personality, "i"), CALL(statfs, "np"), CALL(fstatfs, "fp"),
    CALL(getpriority, "id"), CALL(setpriority, "idi"), CALL(sched_setscheduler, "dip"), CALL(sched_getparam, "dp"), CALL(prctl, "iuuuu"),
    CALL(mlock, "al"), CALL(sync, ""), CALL(sethostname, "pl"), CALL(setxattr, "nnplo"), CALL(getxattr, "nnpl"), CALL(listxattr, "npl"),
    CALL(tkill, "dg"), CALL(futex, "woutwi"), CALL(futex, "wiitwi"), CALL(sched_setaffinity, "dlp"), CALL(sched_getaffinity, "dlp"),
    CALL(epoll_create, "i"), CALL(set_tid_address, "p"), CALL(timer_create, "ipp"), CALL(timer_settime, "iipp"), CALL(timer_gettime, "ip"),
    CALL(timer_delete, "i"), CALL(clock_gettime, "ip"), CALL(clock_nanosleep, "iitp"), CALL(epoll_wait, "fpii"), CALL(epoll_ctl, "fifp"),
    CALL(tgkill, "ddg"), CALL(utimes, "np"), CALL(waitid, "idpip"), CALL(inotify_init, ""), CALL(inotify_add_watch, "fno"),
    CALL(inotify_rm_watch, "fi"), CALL(openat, "fnom"), CALL(mkdirat, "fnm"), CALL(mknodat, "fnmu"), CALL(newfstatat, "fnpo"),
    CALL(unlinkat, "fno"), CALL(renameat, "fnfn"), CALL(linkat, "fnfno"), CALL(symlinkat, "nfn"), CALL(readlinkat, "fnpl"),
    CALL(fchmodat, "fnm"), CALL(faccessat, "fni"), CALL(pselect6, "ippptp"), CALL(ppoll, "pitpi"), CALL(set_robust_list, "pl"),
    CALL(get_robust_list, "dpp"), CALL(splice, "fpfplo"), CALL(tee, "fflo"), CALL(vmsplice, "fvio"), CALL(utimensat, "fnpo"),
    CALL(epoll_pwait, "fpiipi"), CALL(signalfd, "fpi"), CALL(timerfd_create, "io"), CALL(eventfd, "i"), CALL(fallocate, "fiuu"),
    CALL(timerfd_settime, "fipp"), CALL(timerfd_gettime, "fp"), CALL(accept4, "fppo"), CALL(signalfd4, "fpio"), CALL(eventfd2, "io"),
    CALL(epoll_create1, "o"), CALL(dup3, "ffo"), CALL(pipe2, "po"), CALL(inotify_init1, "o"), CALL(preadv, "fviuu"), CALL(pwritev, "fviuu"),
    CALL(rt_tgsigqueueinfo, "ddgp"), CALL(recvmmsg, "fpiot"), CALL(prlimit64, "dipp"), CALL(sendmmsg, "fpio"), CALL(getcpu, "ppp"),
    CALL(process_vm_readv, "dviviu"), CALL(process_vm_writev, "dviviu"), CALL(renameat2, "fnfno"), CALL(getrandom, "plo"),
    CALL(memfd_create, "no"), CALL(execveat, "fnppo"), CALL(copy_file_range, "fpfplo"), CALL(preadv2, "fviuuo"), CALL(pwritev2, "fviuuo"),
    CALL(statx, "fnoip"), CALL(rseq, "plii"), CALL(pidfd_send_signal, "fgpi"), CALL(pidfd_open, "do"), CALL(clone3, "pl"),
    CALL(close_range, "ffo"), CALL(openat2, "fnpl"), CALL(faccessat2, "fnio"), CALL(epoll_pwait2, "fpitp"),
#undef CALL
};
enum { KNOWN = sizeof known / sizeof *known, NUMBERS = 470 };

static const struct call *chosen[KNOWN];
static int chosen_count;

static void choose_calls(char **names, int count) {
  for (int i = 0; i < KNOWN; i++) {
    int wanted = count == 0;
    for (int at = 0; at < count; at++) wanted |= strcmp(names[at], known[i].name) == 0;
    if (wanted) chosen[chosen_count++] = &known[i];
  }
  if (chosen_count == 0) exit(2);
}

/* Calls that end their process, take its signal frame, or its thread pointer away: nothing can be learnt from the next one. */
static int is_spared(long number) {
  static const short spared[] = {SYS_rt_sigreturn, SYS_exit, SYS_exit_group, SYS_arch_prctl, SYS_pause, SYS_ptrace};
  for (unsigned i = 0; i < sizeof spared / sizeof *spared; i++) if (number == spared[i]) return 1;
  return 0;
}
