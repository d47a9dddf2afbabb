/*
 * Idea: the kernel's keyrings (Kerberos tickets, disk and network passwords) are found by uid and inherited with the
 * session; no namespace divides them by default.
 * Incident: CVE-2016-0728 (reference overflow in join_session_keyring, root from any process that may call keyctl);
 * one container reading another's keys.
 * Success: the launcher's key is found and read, or we can add one.
 * Usage: keyring DESCRIPTION
 */
#include "attempt.h"
#include <linux/keyctl.h>

int main(int argc, char **argv) {
  const char *description = argument(argc, argv, 1, "description of a key of type user");
  static const int rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING};
  char secret[128] = "";
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
    long key = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", description, 0);
    if (key >= 0 && syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof secret - 1) >= 0)
      escaped("read \"%s\" from keyring %d", secret, rings[i]);
    stopped("keyctl(SEARCH, %d)", rings[i]);
  }
  if (syscall(SYS_request_key, "user", description, NULL, 0) >= 0) escaped("request_key finds it");
  stopped("request_key");
  if (syscall(SYS_add_key, "user", "ring3-escape", "x", 1, KEY_SPEC_PROCESS_KEYRING) >= 0) escaped("add_key works");
  stopped("add_key");
  contained();
}
