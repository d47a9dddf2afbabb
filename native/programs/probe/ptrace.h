/* ptrace (ptrace(2)) and reading another process's memory. */
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif

#if defined(__x86_64__)
#define CALL_NUMBER(registers) ((registers).orig_rax)
#define CALL_RESULT(registers) ((registers).rax)

/* The older request of the two: user-mode-linux has no PTRACE_GETREGSET. */
static void get_registers(pid_t guest, struct user_regs_struct *registers)
{
    must(ptrace(PTRACE_GETREGS, guest, 0, registers), "PTRACE_GETREGS");
}

static void set_registers(pid_t guest, struct user_regs_struct *registers)
{
    must(ptrace(PTRACE_SETREGS, guest, 0, registers), "PTRACE_SETREGS");
}
#elif defined(__aarch64__)
#define CALL_NUMBER(registers) ((registers).regs[8])
#define CALL_RESULT(registers) ((registers).regs[0])

static void get_registers(pid_t guest, struct user_regs_struct *registers)
{
    struct iovec data = {registers, sizeof *registers};

    must(ptrace(PTRACE_GETREGSET, guest, NT_PRSTATUS, &data), "PTRACE_GETREGSET");
}

static void set_registers(pid_t guest, struct user_regs_struct *registers)
{
    struct iovec data = {registers, sizeof *registers};

    must(ptrace(PTRACE_SETREGSET, guest, NT_PRSTATUS, &data), "PTRACE_SETREGSET");
}
#endif

/* A guest that stops itself once and then calls getppid; what it got for that is its exit status: 0 for MARK. */
static pid_t start_guest(void)
{
    pid_t guest = fork_or_refuse();
    int status;

    if (guest == 0) {
        must(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace(PTRACE_TRACEME)");
        syscall(SYS_kill, getpid(), SIGSTOP);
        _exit(syscall(SYS_getppid) == MARK ? 0 : 3);
    }
    must(waitpid(guest, &status, 0), "waitpid");
    if (!WIFSTOPPED(status))
        _exit(1); /* the guest has said why */
    must(ptrace(PTRACE_SETOPTIONS, guest, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD), "PTRACE_SETOPTIONS");
    return guest;
}

static void resume_to_stop(int request, const char *name, pid_t guest)
{
    int status;

    must(ptrace(request, guest, 0, 0), name);
    must(waitpid(guest, &status, 0), "waitpid");
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
        no("%s did not stop at a system call (status %#x)", name, status);
}

static void set_answer(pid_t guest)
{
    struct user_regs_struct registers;

    get_registers(guest, &registers);
    if (CALL_NUMBER(registers) != SYS_getppid)
        no("stopped at call %ld and not at getppid", (long)CALL_NUMBER(registers));
    CALL_RESULT(registers) = MARK;
    set_registers(guest, &registers);
}

static void probe_ptrace(void)
{
    pid_t guest = start_guest();

    resume_to_stop(PTRACE_SYSCALL, "PTRACE_SYSCALL", guest); /* entry */
    resume_to_stop(PTRACE_SYSCALL, "PTRACE_SYSCALL", guest); /* exit */
    set_answer(guest);
    must(ptrace(PTRACE_CONT, guest, 0, 0), "PTRACE_CONT");
    settle(guest);
    yes("a tracer changed what getppid answered");
}

/* Only one stop, before the call, which the kernel then leaves out. */
static void probe_ptrace_sysemu(void)
{
    pid_t guest = start_guest();

    resume_to_stop(PTRACE_SYSEMU, "PTRACE_SYSEMU", guest);
    set_answer(guest);
    must(ptrace(PTRACE_CONT, guest, 0, 0), "PTRACE_CONT");
    settle(guest);
    yes("a tracer answered getppid in the kernel's place, at one stop");
}

/* Reads a word that the child has written after the fork, so that it is not our own copy. */
static void probe_process_vm(void)
{
    static volatile long word = 0;
    int ready[2], hold[2];
    long copy = 0;
    char byte;

    must(pipe(ready), "pipe");
    must(pipe(hold), "pipe");
    pid_t child = fork_or_refuse();
    if (child == 0) {
        close(hold[1]);
        word = MARK;
        must(write(ready[1], "x", 1), "write");
        _exit(read(hold[0], &byte, 1) < 0);
    }
    must(read(ready[0], &byte, 1), "read");
    struct iovec here = {&copy, sizeof copy}, there = {(void *)&word, sizeof word};
    long count = process_vm_readv(child, &here, 1, &there, 1, 0);
    int error = errno;
    close(hold[1]);
    settle(child);
    errno = error;
    must(count, "process_vm_readv");
    if (copy != MARK)
        no("read %ld where the child had written %d", copy, MARK);
    yes("read a word of a child's memory");
}
