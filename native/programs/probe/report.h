/*
 * How a probe answers: one JSON line {"ok", "seen", "errno"} on standard output, and exit status 0 for yes, 1 for no.
 *
 * A probe may answer from a child; `settle` then hands the child's answer on, and says so when the child died
 * without one. Whoever answers first exits, so that there is never more than one line.
 */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void answer(int ok, int error, const char *format, va_list values)
{
    char seen[512], line[1200];
    size_t end = 0;

    vsnprintf(seen, sizeof seen, format, values);
    for (const char *c = seen; *c; c++) {
        if (*c == '"' || *c == '\\')
            line[end++] = '\\';
        line[end++] = (unsigned char)*c < ' ' ? ' ' : *c;
    }
    line[end] = '\0';
    dprintf(STDOUT_FILENO, "{\"ok\":%s,\"seen\":\"%s\",\"errno\":%d}\n", ok ? "true" : "false", line, error);
    _exit(ok ? 0 : 1);
}

/* The thing was done and had its effect. */
static _Noreturn __attribute__((format(printf, 1, 2))) void yes(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    answer(1, 0, format, values);
}

/* Nothing refused, but the effect did not show. */
static _Noreturn __attribute__((format(printf, 1, 2))) void no(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    answer(0, 0, format, values);
}

static _Noreturn __attribute__((format(printf, 2, 3))) void answer_errno(int error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    answer(0, error, format, values);
}

/* A call was refused; errno says why. `call` is what one would look up: "mount(2) of overlay". */
static _Noreturn void refused(const char *call)
{
    answer_errno(errno, "%s: %s", call, strerror(errno));
}

/* `must(x, "x")` for calls that answer -1 on error. */
static long must(long result, const char *call)
{
    if (result < 0)
        refused(call);
    return result;
}

/* Children die with the probe, which doctor kills when it takes too long (prctl(2), PR_SET_PDEATHSIG). */
static pid_t fork_or_refuse(void)
{
    pid_t child = (pid_t)must(fork(), "fork");

    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

/* Wait for a child that answers itself when something is wrong. Returns only when the child exited 0. */
static void settle(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) < 0)
        refused("waitpid");
    if (WIFSIGNALED(status))
        no("the child was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 1)
        _exit(1);
    if (WEXITSTATUS(status) != 0)
        no("the child exited with status %d", WEXITSTATUS(status));
}

/* Write a whole small file, as /proc and /sys want it: one write. */
static int write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    int error;

    if (file < 0)
        return -1;
    ssize_t written = write(file, text, strlen(text));
    error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

/* The start of a file as a string; empty when it cannot be read. */
static const char *read_file(const char *path, char *buffer, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : read(file, buffer, size - 1);

    if (file >= 0)
        close(file);
    buffer[count < 0 ? 0 : count] = '\0';
    return buffer;
}

#endif
