/*
 * world [--orphan] [SETUID-PROGRAM]: print, as one JSON object, the world that this process finds itself in; then wait
 * until standard input ends, so that somebody can look at it from outside, and leave.
 *
 * It asks the kernel wherever there is a call to ask with, and reads /proc only for what nothing else tells.
 * With --orphan it leaves one behind, to see whether process 1 collects it. With a SETUID-PROGRAM (a copy of this one),
 * the identity that running it gives is printed as well.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const LIMITS[] = {"cpu",     "fsize", "data",  "stack",      "core",     "rss",  "nproc",  "nofile",
                                     "memlock", "as",    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};

static void text(const char *bytes, size_t length) {
  putchar('"');
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte == '"' || byte == '\\') printf("\\%c", byte);
    else if (byte < 0x20 || byte > 0x7e) printf("\\u%04x", byte);
    else putchar(byte);
  }
  putchar('"');
}

/* null for a file that cannot be read. */
static void file(const char *name, const char *path) {
  static char content[1 << 18];
  printf(",\n \"%s\": ", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  ssize_t got = fd < 0 ? -1 : 0;
  while (fd >= 0 && length < sizeof content && (got = read(fd, content + length, sizeof content - length)) > 0)
    length += (size_t)got;
  if (fd >= 0) close(fd);
  if (got < 0) printf("null");
  else text(content, length);
}

static unsigned long long set_of(int (*has)(int)) {
  unsigned long long set = 0;
  for (int capability = 0; capability < 64; capability++)
    if (has(capability) == 1) set |= 1ULL << capability;
  return set;
}

static int in_bounding(int capability) { return prctl(PR_CAPBSET_READ, capability, 0, 0, 0); }
static int in_ambient(int capability) { return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0); }

static void identity(void) {
  uid_t uid[3] = {0};
  gid_t gid[3] = {0}, groups[256];
  getresuid(&uid[0], &uid[1], &uid[2]);
  getresgid(&gid[0], &gid[1], &gid[2]);
  printf("{\"uids\": [%u, %u, %u], \"gids\": [%u, %u, %u], \"groups\": [", uid[0], uid[1], uid[2], gid[0], gid[1], gid[2]);
  int count = getgroups(256, groups);
  for (int i = 0; i < count; i++) printf("%s%u", i ? ", " : "", groups[i]);

  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0}};
  syscall(SYS_capget, &header, data);
  unsigned long long low[3] = {data[0].effective, data[0].permitted, data[0].inheritable};
  unsigned long long high[3] = {data[1].effective, data[1].permitted, data[1].inheritable};
  static const char *const names[] = {"effective", "permitted", "inheritable"};
  printf("]");
  for (int i = 0; i < 3; i++) printf(", \"%s\": \"%llx\"", names[i], low[i] | high[i] << 32);
  printf(", \"bounding\": \"%llx\", \"ambient\": \"%llx\"", set_of(in_bounding), set_of(in_ambient));
  printf(", \"securebits\": %d, \"noNewPrivs\": %d}", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void limits(void) {
  printf(",\n \"limits\": {");
  for (int i = 0; i < 16; i++) {
    struct rlimit limit = {0, 0};
    getrlimit(i, &limit);
    printf("%s\"%s\": [", i ? ", " : "", LIMITS[i]);
    if (limit.rlim_cur == RLIM_INFINITY) printf("\"unlimited\", ");
    else printf("%llu, ", (unsigned long long)limit.rlim_cur);
    if (limit.rlim_max == RLIM_INFINITY) printf("\"unlimited\"]");
    else printf("%llu]", (unsigned long long)limit.rlim_max);
  }
  printf("}");
}

/* The process ids that /proc lists: one's own and nobody else's, if the world and its /proc are of one making. */
static void processes(void) {
  DIR *proc = opendir("/proc");
  printf(",\n \"processes\": [");
  int count = 0;
  for (struct dirent *entry; proc && (entry = readdir(proc)) && count < 1000;) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    printf("%s%s", count++ ? ", " : "", entry->d_name);
  }
  printf("]");
  if (proc) closedir(proc);
}

static int loopback_works(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int works = bind(server, (struct sockaddr *)&address, size) == 0 && listen(server, 1) == 0 &&
              getsockname(server, (struct sockaddr *)&address, &size) == 0 &&
              (connect(client, (struct sockaddr *)&address, size) == 0 || errno == EINPROGRESS);
  close(client);
  close(server);
  return works;
}

static void network(void) {
  struct if_nameindex *interfaces = if_nameindex();
  printf(",\n \"interfaces\": [");
  for (int i = 0; interfaces && interfaces[i].if_name && i < 64; i++) {
    printf("%s", i ? ", " : "");
    text(interfaces[i].if_name, strlen(interfaces[i].if_name));
  }
  if (interfaces) if_freenameindex(interfaces);
  printf("],\n \"loopbackWorks\": %s", loopback_works() ? "true" : "false");
}

static void pause_millisecond(void) {
  struct timespec millisecond = {0, 1000000};
  nanosleep(&millisecond, NULL);
}

/*
 * Leave a process behind whose parent has gone: does somebody collect its status when it ends? A zombie still
 * answers kill(pid, 0). In vain for a fifth of a second is never; and as pid 1 it would be for us to do, and we do not.
 */
static int orphan_is_reaped(void) {
  if (getpid() == 1) return 0;
  int end[2];
  pid_t orphan = 0;
  if (pipe(end) < 0) return 0;
  pid_t parent = fork();
  if (parent == 0) {
    pid_t middle = getpid();
    if (fork() == 0) {
      while (getppid() == middle) pause_millisecond();
      pid_t self = getpid();
      _exit(write(end[1], &self, sizeof self) != sizeof self);
    }
    _exit(0);
  }
  waitpid(parent, NULL, 0);
  close(end[1]);
  if (read(end[0], &orphan, sizeof orphan) != sizeof orphan) return 0;
  close(end[0]);
  for (int tries = 0; tries < 200; tries++, pause_millisecond())
    if (kill(orphan, 0) < 0 && errno == ESRCH) return 1;
  return 0;
}

/* Runs the program with `identity` as its only argument and passes on what that prints. */
static void through(const char *program) {
  printf(",\n \"setuid\": ");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execl(program, program, "identity", (char *)NULL);
    printf("{\"error\": \"%s\"}", strerror(errno));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "identity") == 0) return identity(), fflush(stdout);

  struct utsname names;
  uname(&names);
  mode_t mask = umask(0);
  printf("{\"pid\": %d, \"parent\": %d, \"umask\": %u, \"hostname\": ", getpid(), getppid(), mask);
  umask(mask);
  text(names.nodename, strlen(names.nodename));
  printf(",\n \"identity\": ");
  identity();
  limits();
  processes();
  network();
  file("uidMap", "/proc/self/uid_map");
  file("gidMap", "/proc/self/gid_map");
  file("setgroups", "/proc/self/setgroups");
  file("mounts", "/proc/self/mountinfo");
  file("cgroup", "/proc/self/cgroup");
  int orphan = argc > 1 && strcmp(argv[1], "--orphan") == 0;
  if (argc > 1 + orphan) through(argv[1 + orphan]);
  fflush(stdout);
  printf(",\n \"orphanReaped\": %s}\n", orphan && orphan_is_reaped() ? "true" : "false");
  fflush(stdout);

  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  return 0;
}
