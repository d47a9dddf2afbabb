/*
 * Starts a command with a key in its session keyring, as a log-in with Kerberos would.
 * Usage: with-key DESCRIPTION SECRET COMMAND...; the keyring dies with the last process that has it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 4) errx(2, "usage: with-key DESCRIPTION SECRET COMMAND...");
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
      syscall(SYS_add_key, "user", argv[1], argv[2], strlen(argv[2]), KEY_SPEC_SESSION_KEYRING) < 0) {
    printf("missing: keyrings: %s\n", strerror(errno));
    return 2;
  }
  execvp(argv[3], argv + 3);
  err(127, "%s", argv[3]);
}
