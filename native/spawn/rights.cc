// Descriptors that travel between processes (unix(7), SCM_RIGHTS).
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "context.h"
#include "paths.h"

namespace ring3 {

bool send_descriptor(int socket_fd, int fd) {
  char byte = 0, control[CMSG_SPACE(sizeof fd)] = {};
  struct iovec data = {&byte, 1};
  struct msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return sendmsg(socket_fd, &message, MSG_NOSIGNAL) == 1;
}

namespace {

// Waits for one message. Returns its descriptor, -1 for none, -2 when the other side is gone.
int receive_descriptor(int socket_fd) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size;
  while ((size = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (size != 1) return -2;
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  int fd = -1;
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

bool wants_views(const Context& context) {
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    if (context.steps[i].op == op_overlay && length(context.steps[i], 5) != 0) return true;
  }
  return false;
}

bool is_mapped(const char* file) {
  char line[8];
  Fd map(open(file, O_RDONLY | O_CLOEXEC));
  return map.value >= 0 && read(map.value, line, sizeof line) > 0;
}

// The helpers take a while to end after they have written the maps; this sees them being written (inotify(7)). It ends
// without, too, when something is to be heard from the parent.
bool see_maps(int socket_fd) {
  constexpr const char* kMaps[] = {"/proc/self/uid_map", "/proc/self/gid_map"};
  Fd changes(inotify_init1(IN_CLOEXEC));
  for (const char* map : kMaps) inotify_add_watch(changes.value, map, IN_MODIFY);
  for (;;) {
    if (is_mapped(kMaps[0]) && is_mapped(kMaps[1])) return true;
    struct pollfd fds[] = {{changes.value, POLLIN, 0}, {socket_fd, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return false;
    if (fds[1].revents) return false;
    char events[256];
    if (fds[0].revents && read(changes.value, events, sizeof events) < 0) return false;
  }
}

}  // namespace

bool acts_unmapped(const Context& context) {
  bool acts = false;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    Op op = static_cast<Op>(context.steps[i].op);
    if (op == op_idMap) return acts;
    acts = acts || is_child_step(op);
  }
  return false;
}

bool await_maps(Context& context, bool by_helpers) {
  Fd socket(context.go_fd);
  int socket_fd = socket.value;
  if (socket_fd < 0) return true;
  context.go_fd = -1;
  if (acts_unmapped(context) && !send_descriptor(socket_fd, -1)) return false;
  if (by_helpers && !wants_views(context) && see_maps(socket_fd)) return true;
  int count = 0;
  for (uint32_t i = 0; i < context.plan->step_count; i++) {
    const Step& step = context.steps[i];
    if (step.op != op_overlay || length(step, 5) == 0 || count == kMaxIdMapped) continue;
    int view = receive_descriptor(socket_fd);
    if (view == -2) return false;
    context.id_mapped[count++] = view;
  }
  return receive_descriptor(socket_fd) == -1;
}

bool await_unmapped(int socket_fd) { return receive_descriptor(socket_fd) == -1; }

}  // namespace ring3
