/*
 * seccomp (seccomp(2)) and system call user dispatch: every way that a system call can be turned aside.
 * The call that is turned aside is always getppid: nothing here depends on its real answer.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <ucontext.h>

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif
#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#define SYSCALL_DISPATCH_FILTER_ALLOW 0
#define SYSCALL_DISPATCH_FILTER_BLOCK 1
#endif

/* No process has this id: pid_max is at most 4194304. */
#define MARK 4242424

static int filter_getppid(unsigned action, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
    return (int)must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program), "seccomp of a filter");
}

static void probe_seccomp_filter(void)
{
    filter_getppid(SECCOMP_RET_ERRNO | 123, 0);
    if (syscall(SYS_getppid) != -1 || errno != 123)
        no("a filter that answers error 123 to getppid was taken, but getppid was not refused");
    yes("a filter answered getppid with an error of our own");
}

static void send_descriptor(int channel, int descriptor)
{
    char byte = 0, control[CMSG_SPACE(sizeof descriptor)] = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    must(sendmsg(channel, &message, 0), "sendmsg");
}

/* -1 when the other side ended without sending one. */
static int receive_descriptor(int channel)
{
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int descriptor = -1;

    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

/* Larger than the kernel's structures, which may grow (seccomp_unotify(2)). */
union notification {
    struct seccomp_notif request;
    struct seccomp_notif_resp reply;
    char space[1024];
};

static void answer_one_notification(int listener, pid_t guest)
{
    union notification in = {0}, out = {0};
    struct pollfd arrived = {.fd = listener, .events = POLLIN};

    if (must(poll(&arrived, 1, 1000), "poll of the listener") == 0)
        no("the guest called getppid, but no notification arrived");
    must(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in), "SECCOMP_IOCTL_NOTIF_RECV");
    if (in.request.data.nr != SYS_getppid || in.request.pid != (unsigned)guest)
        no("the notification is about call %d of pid %u", in.request.data.nr, in.request.pid);
    must(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &in.request.id), "SECCOMP_IOCTL_NOTIF_ID_VALID");
    out.reply.id = in.request.id;
    out.reply.val = MARK;
    must(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out), "SECCOMP_IOCTL_NOTIF_SEND");
}

static void probe_seccomp_user_notification(void)
{
    int channel[2];

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), "socketpair");
    pid_t guest = fork_or_refuse();
    if (guest == 0) {
        send_descriptor(channel[1], filter_getppid(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER));
        if (syscall(SYS_getppid) != MARK)
            no("the supervisor's answer did not arrive in the guest");
        _exit(0);
    }
    close(channel[1]);
    int listener = receive_descriptor(channel[0]);
    if (listener >= 0)
        answer_one_notification(listener, guest);
    settle(guest);
    yes("a supervisor answered a guest's getppid");
}

static volatile sig_atomic_t seen_code;
static volatile char selector;

static void set_result(ucontext_t *context, long value)
{
#if defined(__x86_64__)
    context->uc_mcontext.gregs[REG_RAX] = value;
#elif defined(__aarch64__)
    context->uc_mcontext.regs[0] = (unsigned long)value;
#endif
}

/* Serves both SECCOMP_RET_TRAP and user dispatch. */
static void on_sigsys(int number, siginfo_t *info, void *context)
{
    (void)number;
    selector = SYSCALL_DISPATCH_FILTER_ALLOW;
    seen_code = info->si_code;
    set_result(context, MARK);
}

static void catch_sigsys(void)
{
    struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};

    must(sigaction(SIGSYS, &action, NULL), "sigaction");
}

static void probe_seccomp_trap(void)
{
    catch_sigsys();
    filter_getppid(SECCOMP_RET_TRAP, 0);
    if (syscall(SYS_getppid) != MARK || seen_code != SYS_SECCOMP)
        no("getppid was not answered by the handler of SIGSYS");
    yes("a SIGSYS handler answered getppid");
}

static void probe_syscall_user_dispatch(void)
{
    catch_sigsys();
    must(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector),
         "prctl(PR_SET_SYSCALL_USER_DISPATCH)");
    selector = SYSCALL_DISPATCH_FILTER_BLOCK;
    long result = syscall(SYS_getppid);
    selector = SYSCALL_DISPATCH_FILTER_ALLOW;
    if (result != MARK)
        no("getppid was not dispatched to the handler of SIGSYS");
    yes("a SIGSYS handler answered getppid");
}
