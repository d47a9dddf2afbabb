/* One system call, or a handful, of a process that is alone. */
#ifndef MICRO_CALLS_H
#define MICRO_CALLS_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "measure.h"

enum { PAGE = 4096, ENTRIES = 1000 };

/* The program itself: a file of the host that every sandbox shows. */
static const char *self;
static int file = -1;

static void run_empty(long count) {
  for (long i = 0; i < count; i++) __asm__ volatile("" ::: "memory");
}

static void run_getppid(long count) {
  for (long i = 0; i < count; i++) null_call();
}

static void open_zero(void) { file = (int)must("/dev/zero", open("/dev/zero", O_RDONLY)); }
static void open_self(void) { file = (int)must(self, open(self, O_RDONLY)); }
static void close_file(void) { close(file); }

static void run_read(long count) {
  char byte;
  for (long i = 0; i < count; i++)
    if (read(file, &byte, 1) != 1) die("read");
}

static void run_pread(long count) {
  static char page[PAGE];
  for (long i = 0; i < count; i++)
    if (pread(file, page, sizeof page, PAGE) != PAGE) die("pread");
}

static void run_open(long count) {
  for (long i = 0; i < count; i++) close((int)must("open", open(self, O_RDONLY)));
}

static void run_stat(long count) {
  struct stat status;
  for (long i = 0; i < count; i++) must("stat", stat(self, &status));
}

static char folder[] = "/tmp/micro-XXXXXX";

static void entry_name(char name[64], int entry) { snprintf(name, 64, "%s/entry-%04d", folder, entry); }

/* In a folder of its own making, since no host has one of just this size. */
static void make_entries(void) {
  char name[64];
  if (!mkdtemp(folder)) die(folder);
  for (int entry = 0; entry < ENTRIES; entry++) {
    entry_name(name, entry);
    close((int)must(name, open(name, O_CREAT | O_WRONLY, 0600)));
  }
}

static void remove_entries(void) {
  char name[64];
  for (int entry = 0; entry < ENTRIES; entry++) {
    entry_name(name, entry);
    unlink(name);
  }
  rmdir(folder);
}

static void run_readdir(long count) {
  for (long i = 0; i < count; i++) {
    DIR *stream = opendir(folder);
    if (!stream) die("opendir");
    int seen = 0;
    while (readdir(stream)) seen++;
    closedir(stream);
    if (seen != ENTRIES + 2) fail("the folder has other entries than it was given");
  }
}

#endif
