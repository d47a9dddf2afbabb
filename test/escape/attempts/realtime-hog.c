/*
 * Idea: a real-time process that never sleeps starves everything else on its processor; short of that, a nice value
 * of -20 takes most of it.
 * Incident: why CAP_SYS_NICE is not among a container's defaults.
 * Success: we run under SCHED_FIFO, SCHED_DEADLINE, a negative nice value, or with real-time I/O.
 * Usage: realtime-hog
 */
#include "attempt.h"
#include <sched.h>
#include <sys/resource.h>

int main(void) {
  struct sched_param lowest = {.sched_priority = 1};
  struct {
    unsigned size, policy;
    unsigned long long flags;
    int nice;
    unsigned priority;
    unsigned long long runtime, deadline, period;
  } deadline = {48, 6 /* SCHED_DEADLINE */, 0, 0, 0, 1000000, 100000000, 100000000};
  if (sched_setscheduler(0, SCHED_FIFO, &lowest) == 0) escaped("runs under SCHED_FIFO");
  stopped("sched_setscheduler(FIFO)");
  if (syscall(SYS_sched_setattr, 0, &deadline, 0) == 0) escaped("runs under SCHED_DEADLINE");
  stopped("sched_setattr(DEADLINE)");
  if (setpriority(PRIO_PROCESS, 0, -20) == 0) escaped("runs with nice -20");
  stopped("setpriority(-20)");
  if (syscall(SYS_ioprio_set, 1 /* this process */, 0, 1 << 13 /* real-time class */) == 0) escaped("real-time I/O");
  stopped("ioprio_set(RT)");
  contained();
}
