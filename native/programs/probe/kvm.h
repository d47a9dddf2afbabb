/* /dev/kvm (Documentation/virt/kvm/api.rst): not only there, but able to run an instruction. */
#include <linux/kvm.h>

#define KVM_API 12

#if defined(__x86_64__)
/* One page with `hlt` at its start, and a processor in real mode with all segments at 0. */
static void run_hlt(int kvm, int vm)
{
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = 0x1000, .memory_size = 4096, .userspace_addr = (unsigned long)page};
    struct kvm_sregs segments;
    struct kvm_regs registers = {.rip = 0x1000, .rflags = 2};

    page[0] = 0xf4;
    must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    int processor = (int)must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    long size = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    struct kvm_run *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, processor, 0);
    must(ioctl(processor, KVM_GET_SREGS, &segments), "KVM_GET_SREGS");
    segments.cs.base = segments.cs.selector = 0;
    must(ioctl(processor, KVM_SET_SREGS, &segments), "KVM_SET_SREGS");
    must(ioctl(processor, KVM_SET_REGS, &registers), "KVM_SET_REGS");
    must(ioctl(processor, KVM_RUN, 0), "KVM_RUN");
    if (run->exit_reason != KVM_EXIT_HLT)
        no("/dev/kvm makes machines, but one instruction (hlt) ended with exit reason %u", run->exit_reason);
}
#else
static void run_hlt(int kvm, int vm)
{
    (void)kvm;
    must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
}
#endif

static void probe_kvm(void)
{
    int kvm = (int)must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "opening /dev/kvm");
    long version = must(ioctl(kvm, KVM_GET_API_VERSION, 0), "KVM_GET_API_VERSION");

    if (version != KVM_API)
        no("KVM_GET_API_VERSION is %ld and not %d", version, KVM_API);
    run_hlt(kvm, (int)must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM"));
    yes("API version %ld, and a guest ran its first instruction", version);
}
