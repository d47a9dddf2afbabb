/*
 * Idea: a packet socket sees, and forges, everything on the wire below IP; raw sockets do it for IP.
 * Incident: CVE-2020-14386 and CVE-2017-7308 (AF_PACKET: memory corruption, root from CAP_NET_RAW); ARP spoofing
 * between containers.
 * Success: a packet or raw socket can be made.
 * Usage: packet-socket
 */
#include "attempt.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(void) {
  if (socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0) escaped("a packet socket opened");
  stopped("socket(AF_PACKET)");
  if (socket(AF_INET, SOCK_RAW, IPPROTO_RAW) >= 0) escaped("a raw socket opened");
  stopped("socket(AF_INET, SOCK_RAW)");
  contained();
}
