/*
 * Idea: some socket families have no network namespace (vsock reaches the hypervisor; AF_ALG is the kernel's
 * cryptography), and some netlink families speak to the one kernel there is (audit). Few programs need any.
 * Incident: CVE-2021-26708 (vsock), CVE-2017-2636 (n_hdlc), CVE-2019-8912 (AF_ALG), CVE-2016-8655; WSL's vsock
 * starts Windows programs.
 * Success: a socket of such a family can be made.
 * Usage: odd-sockets
 */
#include "attempt.h"
#include <linux/netlink.h>
#include <sys/socket.h>

int main(void) {
  static const struct {
    const char *name;
    int family, type, protocol;
  } kinds[] = {{"AF_VSOCK", AF_VSOCK, SOCK_STREAM, 0},
               {"AF_ALG", AF_ALG, SOCK_SEQPACKET, 0},
               {"NETLINK_AUDIT", AF_NETLINK, SOCK_RAW, NETLINK_AUDIT},
               {"NETLINK_CONNECTOR", AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR},
               {"NETLINK_NETFILTER", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER},
               {"AF_BLUETOOTH", AF_BLUETOOTH, SOCK_RAW, 1},
               {"AF_CAN", AF_CAN, SOCK_RAW, 1},
               {"AF_TIPC", AF_TIPC, SOCK_RDM, 0},
               {"AF_KEY", AF_KEY, SOCK_RAW, 2},
               {"AF_XDP", AF_XDP, SOCK_RAW, 0}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (socket(kinds[i].family, kinds[i].type, kinds[i].protocol) >= 0) escaped("a socket of %s opened", kinds[i].name);
    stopped("socket(%s)", kinds[i].name);
  }
  contained();
}
