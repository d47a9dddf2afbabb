/*
 * Idea: there is one wall clock for all containers of a machine. Turning it breaks certificates, logs and time-outs.
 * Incident: why Docker drops CAP_SYS_TIME and filters the calls; time namespaces do not cover CLOCK_REALTIME.
 * Success: the clock accepts a jump of zero seconds.
 * Usage: host-clock
 */
#include "attempt.h"
#include <sys/timex.h>
#include <time.h>

int main(void) {
  struct timex jump = {.modes = ADJ_SETOFFSET};
  if (adjtimex(&jump) >= 0) escaped("adjtimex jumps the clock (by nothing)");
  stopped("adjtimex(SETOFFSET)");
  struct timex again = {.modes = ADJ_SETOFFSET};
  if (clock_adjtime(CLOCK_REALTIME, &again) >= 0) escaped("clock_adjtime jumps the clock (by nothing)");
  stopped("clock_adjtime");
  contained();
}
