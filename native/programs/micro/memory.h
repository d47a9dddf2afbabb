/* Mapping memory, and touching it for the first time. */
#ifndef MICRO_MEMORY_H
#define MICRO_MEMORY_H

#include <sys/mman.h>

#include "calls.h"

enum { FEW = 4, MANY = 1024 };

static volatile char *map_pages(long pages) {
  void *place = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) die("mmap");
  return place;
}

static void touch(volatile char *place, long pages) {
  for (long page = 0; page < pages; page++) place[page * PAGE] = 1;
}

static void unmap(volatile char *place, long pages) {
  must("munmap", munmap((void *)place, (size_t)pages * PAGE));
}

static void run_mmap(long count) {
  for (long i = 0; i < count; i++) {
    volatile char *place = map_pages(FEW);
    touch(place, FEW);
    unmap(place, FEW);
  }
}

/* One operation is one page touched; the calls around it are shared by a thousand. */
static void run_fault(long count) {
  for (long done = 0; done < count; done += MANY) {
    long pages = count - done < MANY ? count - done : MANY;
    volatile char *place = map_pages(pages);
    madvise((void *)place, (size_t)pages * PAGE, MADV_NOHUGEPAGE);
    touch(place, pages);
    unmap(place, pages);
  }
}

#endif
