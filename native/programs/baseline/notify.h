/* SECCOMP_RET_USER_NOTIF: the call waits in the kernel until another process has answered it through a descriptor. */
#ifndef BASELINE_NOTIFY_H
#define BASELINE_NOTIFY_H

#include <sys/ioctl.h>

#include "filter.h"

/* Since Linux 6.6; younger than some headers. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

static _Noreturn void serve_notify(void) {
  wait_for(ANSWERER);
  int listener = (int)line->value;
  for (;;) {
    struct seccomp_notif call = {0};
    must("SECCOMP_IOCTL_NOTIF_RECV", ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call));
    struct seccomp_notif_resp response = {.id = call.id, .val = CONSTANT};
    must("SECCOMP_IOCTL_NOTIF_SEND", ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response));
  }
}

/* Both on one core: the kernel then switches from one to the other at once, which no second core can beat. */
static void start_notify(void) {
  share_line();
  spinning = false;
  pin(0);
  start_answerer(serve_notify, 0, CLONE_FILES);
  int listener = filter_null_call(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  /* Refused before Linux 6.6: slower there, and no error. */
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  line->value = listener;
  hand_to(ANSWERER);
}

#endif
