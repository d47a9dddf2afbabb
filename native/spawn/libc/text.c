/* Bytes and texts. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"

/* The compiler, too, calls the first two. */
void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  for (size_t at = 0; at < size; at++) ((char *)to)[at] = ((const char *)from)[at];
  return to;
}
void *memset(void *to, int byte, size_t size) {
  for (size_t at = 0; at < size; at++) ((char *)to)[at] = (char)byte;
  return to;
}
size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size]) size++;
  return size;
}
char *strcpy(char *restrict to, const char *restrict from) { return memcpy(to, from, strlen(from) + 1); }
char *strncpy(char *restrict to, const char *restrict from, size_t size) {
  size_t length = strlen(from);
  memcpy(to, from, length < size ? length : size);
  if (length < size) memset(to + length, 0, size - length);
  return to;
}
int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (unsigned char)*a - (unsigned char)*b;
}
int strncmp(const char *one, const char *other, size_t size) {
  for (size_t at = 0; at < size; at++) {
    if (one[at] != other[at] || !one[at]) return (unsigned char)one[at] - (unsigned char)other[at];
  }
  return 0;
}
char *strchrnul(const char *text, int byte) {
  while (*text && *text != (char)byte) text++;
  return (char *)text;
}
char *strchr(const char *text, int byte) {
  char *at = strchrnul(text, byte);
  return *at == (char)byte ? at : NULL;
}
char *strrchr(const char *text, int byte) {
  char *last = NULL;
  for (; *text; text++) {
    if (*text == (char)byte) last = (char *)text;
  }
  return last;
}

/* A decimal number without a sign, after blanks. */
long strtol(const char *text, char **end, int base) {
  (void)base;
  const char *at = text;
  while (*at == ' ') at++;
  const char *digits = at;
  long value = 0;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  *end = (char *)(at == digits ? text : at);
  return value;
}

struct output {
  char *to;
  size_t room, length;
};

static void put(struct output *output, char byte) {
  if (output->length + 1 < output->room) output->to[output->length] = byte;
  output->length++;
}

static void put_number(struct output *output, unsigned long long value) {
  if (value >= 10) put_number(output, value / 10);
  put(output, (char)('0' + value % 10));
}

/* %s, and %d and %u of int, long and long long, which are two sizes on both architectures. */
int snprintf(char *restrict to, size_t size, const char *restrict format, ...) {
  struct output output = {to, size, 0};
  va_list list;
  va_start(list, format);
  for (; *format; format++) {
    if (*format != '%') {
      put(&output, *format);
      continue;
    }
    int is_long = *++format == 'l';
    while (*format == 'l') format++;
    if (*format == 's') {
      for (const char *text = va_arg(list, const char *); *text; text++) put(&output, *text);
      continue;
    }
    long long value = is_long ? va_arg(list, long long) : *format == 'u' ? va_arg(list, unsigned) : va_arg(list, int);
    int is_negative = *format == 'd' && value < 0;
    if (is_negative) put(&output, '-');
    put_number(&output, is_negative ? -(unsigned long long)value : (unsigned long long)value);
  }
  va_end(list);
  if (size > 0) to[output.length < size ? output.length : size - 1] = '\0';
  return (int)output.length;
}

/* A name without a slash, in the folders of PATH. Sets no errno: it is called in memory that is shared (vfork(2)). */
void ring3_exec_search(const char *file, char *const argv[]) {
  char candidate[4096];
  const char *folders = "/usr/bin:/bin";
  for (char **entry = ring3_environment; *entry; entry++) {
    if (strncmp(*entry, "PATH=", 5) == 0) folders = *entry + 5;
  }
  for (const char *end; *folders; folders = *end ? end + 1 : end) {
    end = strchrnul(folders, ':');
    size_t length = (size_t)(end - folders);
    if (length + strlen(file) + 2 > sizeof candidate) continue;
    memcpy(candidate, folders, length);
    candidate[length] = '/';
    strcpy(candidate + length + 1, file);
    raw(SYS_execve, (long)candidate, (long)argv, (long)ring3_environment, 0, 0, 0);
  }
}
