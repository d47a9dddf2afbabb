/*
 * Idea: a core_pattern that starts with "|" names a program that the kernel starts, as root and outside of everything,
 * when any process crashes; modprobe and the like are the same door.
 * Incident: CVE-2022-0811 ("cr8escape": CRI-O let a pod set kernel.core_pattern).
 * Success: one of them opens for writing (nothing is written).
 * Usage: core-pattern
 */
#include "attempt.h"

int main(void) {
  open_for_writing("/proc/sys/kernel/core_pattern");
  open_for_writing("/proc/sys/kernel/modprobe");
  open_for_writing("/proc/sys/kernel/hotplug");
  open_for_writing("/proc/sys/kernel/poweroff_cmd");
  open_for_writing("/proc/sys/kernel/usermodehelper/bset");
  contained();
}
