/*
 * Idea: perf_event_open(2) is large, complicated, and measures what others do: a side channel at best.
 * Incident: CVE-2013-2094 (perf_swevent_init: root by an unchecked index), CVE-2023-5717.
 * Success: an event of our own opens.
 * Usage: perf-event
 */
#include "attempt.h"
#include <linux/perf_event.h>

int main(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE,
                                  .size = sizeof event,
                                  .config = PERF_COUNT_SW_TASK_CLOCK,
                                  .exclude_kernel = 1,
                                  .exclude_hv = 1};
  if (syscall(SYS_perf_event_open, &event, 0, -1, -1, 0) >= 0) escaped("a performance event opened");
  stopped("perf_event_open");
  contained();
}
