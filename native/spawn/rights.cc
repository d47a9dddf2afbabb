// Descriptors that travel between processes (unix(7), SCM_RIGHTS).
#include <sys/socket.h>
#include <cerrno>
#include <cstring>

#include "context.h"

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

}  // namespace

bool receive_id_mapped(Context& context, int socket_fd) {
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

}  // namespace ring3
