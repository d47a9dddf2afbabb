/*
 * Idea: a module is code in the kernel.
 * Incident: the shortest way out of "docker run --cap-add SYS_MODULE".
 * Success: the call gets past the question whether we may, and complains of what is no module (ENOEXEC, EBADF), or of
 * one that does not exist (ENOENT).
 * Usage: module-load
 */
#include "attempt.h"

int main(void) {
  syscall(SYS_init_module, "no module", 9ul, "");
  if (errno == ENOEXEC || errno == EINVAL) escaped("init_module only minds the module");
  stopped("init_module");
  syscall(SYS_finit_module, -1, "", 0);
  if (errno == EBADF || errno == ENOEXEC) escaped("finit_module only minds the descriptor");
  stopped("finit_module");
  syscall(SYS_delete_module, "ring3_no_such_module", O_NONBLOCK);
  if (errno == ENOENT) escaped("delete_module only minds the name");
  stopped("delete_module");
  contained();
}
