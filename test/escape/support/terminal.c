/*
 * Somebody's shell in somebody's terminal, as far as a command can tell: runs it with a new terminal as its controlling
 * one, and says afterwards what happened to that terminal.
 *
 * Usage: terminal inherit|redirect|aside COMMAND...
 *   inherit:  the terminal is descriptors 0 to 2, and what the command writes is shown
 *   redirect: the terminal is descriptor 0 only, as in `COMMAND | less`
 *   aside:    the terminal belongs to somebody else; the command gets its path as the last argument
 * At the end prints "typed: TEXT" when characters lie in the terminal's input that nobody typed, "shown: TEXT" when
 * (with aside) something was written to it, and exits as the command did (128 + signal).
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void run(char **command, const char *terminal, const char *mode) {
  if (strcmp(mode, "aside") != 0) {
    setsid();
    int end = open(terminal, O_RDWR);
    if (end < 0 || ioctl(end, TIOCSCTTY, 0) < 0) err(125, "%s", terminal);
    dup2(end, 0);
    if (strcmp(mode, "inherit") == 0) {
      dup2(end, 1);
      dup2(end, 2);
    }
    if (end > 2) close(end);
  }
  execvp(command[0], command);
  err(127, "%s", command[0]);
}

/* Print what the command wrote to the terminal; until it ends. */
static int show(int master, pid_t child, const char *prefix) {
  char text[4096];
  for (int status = 0, ended = 0;;) {
    struct pollfd ready = {master, POLLIN, 0};
    while (poll(&ready, 1, 50) > 0 && ready.revents & POLLIN) {
      ssize_t length = read(master, text, sizeof text);
      if (length <= 0) break;
      printf("%s%.*s", prefix, (int)length, text);
    }
    if (ended) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    ended = waitpid(child, &status, WNOHANG) == child;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) errx(2, "usage: terminal inherit|redirect|aside COMMAND...");
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) err(1, "a pseudo terminal");
  const char *path = ptsname(master);
  int ours = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0) err(1, "%s", path);
  struct termios settings;
  tcgetattr(ours, &settings);
  settings.c_lflag &= ~ECHO;
  settings.c_oflag &= ~OPOST;
  tcsetattr(ours, TCSANOW, &settings);

  int aside = strcmp(argv[1], "aside") == 0;
  char **command = calloc(argc, sizeof *command);
  for (int i = 2; i < argc; i++) command[i - 2] = argv[i];
  if (aside) command[argc - 2] = strdup(path);
  pid_t child = fork();
  if (child == 0) run(command, path, argv[1]);
  int code = show(master, child, aside ? "shown: " : "");

  char typed[256];
  fcntl(ours, F_SETFL, O_NONBLOCK);
  ssize_t length = read(ours, typed, sizeof typed);
  if (length > 0) printf("\ntyped: %.*s\n", (int)length, typed);
  return code;
}
