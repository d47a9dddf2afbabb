/*
 * Idea: bpf(2) loads programs into the kernel; the verifier that says they are safe has been wrong before.
 * Incident: CVE-2017-16995, CVE-2020-8835, CVE-2021-3490, CVE-2022-23222: each root from a BPF program.
 * Success: a map or a program can be made.
 * Usage: bpf-load
 */
#include "attempt.h"
#include <linux/bpf.h>

int main(void) {
  struct bpf_insn program[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                         .insns = (unsigned long)program,
                         .insn_cnt = 2,
                         .license = (unsigned long)"Apache"};
  if (syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) >= 0) escaped("a BPF map was made");
  stopped("bpf(MAP_CREATE)");
  if (syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load) >= 0) escaped("a BPF program was loaded");
  stopped("bpf(PROG_LOAD)");
  contained();
}
