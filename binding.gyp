{
  "target_defaults": {
    "cflags": ["-Wall", "-Wextra", "-Wno-unused-parameter", "-O2"],
    "cflags_cc": ["-std=c++17"],
    "cflags_cc!": ["-std=gnu++20", "-std=gnu++17"],
  },
  "targets": [
    {
      # What JavaScript cannot say: loaded into Node.
      "target_name": "ring3",
      "sources": ["native/addon.cc", "native/layout.cc", "native/launch.cc", "native/descriptors.cc", "native/memory.cc", "native/futex.cc", "native/gofer.cc", "native/processor.cc", "native/confine.cc", "native/notify.cc", "native/ptrace.cc", "native/stub-layout.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc!": ["-fno-exceptions"],
      "cflags_cc": ["-fexceptions"],
      "dependencies": ["ring3-shim"],
      "conditions": [["target_arch=='x64'", { "dependencies": ["ring3-stub", "ring3-vdso"] }]],
    },
    {
      # Between Node and the child: small, static, and with no library but its own (native/spawn/libc).
      "target_name": "ring3-shim",
      "type": "executable",
      "sources": [
        "native/spawn/shim.cc",
        "native/spawn/parent.cc",
        "native/spawn/child.cc",
        "native/spawn/init.cc",
        "native/spawn/paths.cc",
        "native/spawn/rights.cc",
        "native/spawn/files.cc",
        "native/spawn/mounts.cc",
        "native/spawn/world.cc",
        "native/spawn/privileges.cc",
        "native/spawn/libc/start.c",
        "native/spawn/libc/calls.c",
        "native/spawn/libc/text.c",
      ],
      "cflags": [
        "-ffunction-sections",
        # What a compiler adds needs a library, or becomes a call of the very function that is being defined.
        "-fno-stack-protector",
        "-U_FORTIFY_SOURCE",
        "-fno-builtin",
        "-fno-tree-loop-distribute-patterns",
        "-fno-pie",
      ],
      "cflags_cc": ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
      "conditions": [["target_arch=='arm64'", { "cflags": ["-mno-outline-atomics"] }]],
      "ldflags": ["-static", "-nostdlib", "-no-pie", "-Wl,--gc-sections"],
    },
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          # The guests' vDSO: a shared object that is an executable to node-gyp.
          "target_name": "ring3-vdso",
          "type": "executable",
          "sources": ["native/vdso/vdso.c"],
          "cflags": [
            "-std=gnu11", "-ffreestanding", "-mgeneral-regs-only", "-fno-stack-protector", "-fcf-protection=none",
            "-fno-asynchronous-unwind-tables", "-fpic", "-fvisibility=default",
          ],
          "ldflags": [
            "-shared", "-nostdlib", "-Wl,-soname=linux-vdso.so.1", "-Wl,--hash-style=both", "-Wl,--build-id=none",
            "-Wl,-T,<(module_root_dir)/native/vdso/layout.lds",
          ],
        },
        {
          # Inside a guest's address space: no library, no writable data, at a fixed place below every program.
          "target_name": "ring3-stub",
          "type": "executable",
          "sources": [
            "native/stub/x86-64/vectors.S",
            "native/stub/x86-64/control.S",
            "native/stub/x86-64/thread.S",
            "native/stub/x86-64/signal.c",
            "native/stub/wait.c",
          ],
          "cflags": [
            "-std=gnu11",
            "-ffreestanding",
            # Vector registers are the guest's, and so is fs.
            "-mgeneral-regs-only",
            "-fno-stack-protector",
            "-fcf-protection=none",
            "-fno-asynchronous-unwind-tables",
            "-fno-pic",
            "-fno-pie",
          ],
          "ldflags": [
            "-static", "-nostdlib", "-no-pie", "-Wl,-Ttext-segment=0x10000", "-Wl,--section-start=.vectors=0x20000",
            "-Wl,-z,noseparate-code", "-Wl,--build-id=none",
          ],
        },
      ],
    }],
  ],
}
