/* Memory that is a file (memfd_create(2)), and the first page. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static void probe_memfd(void)
{
    int file = (int)must(memfd_create("ring3-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create");

    must(write(file, "sealed", 6), "writing a memfd");
    must(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL), "F_ADD_SEALS");
    if (pwrite(file, "broken", 6, 0) >= 0)
        no("a memfd sealed against writing was written");
    if (mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED)
        no("a memfd sealed against writing was mapped writable");
    yes("written, sealed, and then neither writable nor mappable for writing");
}

/* MFD_EXEC is younger (6.3) than what it asks for, and needed where vm.memfd_noexec is set. */
static int executable_memfd(void)
{
    int file = memfd_create("ring3-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

    if (file < 0 && errno == EINVAL)
        file = memfd_create("ring3-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return (int)must(file, "memfd_create");
}

static void probe_memfd_exec(void)
{
    int self = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "/proc/self/exe");
    int copy = executable_memfd();
    struct stat size;
    char *arguments[] = {"probe", "from-memfd", NULL}, *environment[] = {NULL};

    must(fstat(self, &size), "fstat");
    for (off_t done = 0; done < size.st_size;)
        must(sendfile(copy, self, &done, (size_t)(size.st_size - done)), "sendfile");
    must(fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL), "F_ADD_SEALS");
    must(syscall(SYS_execveat, copy, "", arguments, environment, AT_EMPTY_PATH), "execveat of a sealed memfd");
}

/* Not a probe of its own: where probe_memfd_exec arrives. */
static void probe_from_memfd(void)
{
    yes("a sealed copy of the probe ran from memory");
}

/* A jump to a small address, as zpoline's, needs it; vm.mmap_min_addr forbids it to who lacks CAP_SYS_RAWIO. */
static void probe_page_zero(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    if (page == MAP_FAILED)
        refused("mmap at address 0");
    yes("a page at address 0");
}
