{
  "target_defaults": {
    "cflags": ["-Wall", "-Wextra", "-Wno-unused-parameter", "-O2"],
    "cflags_cc": ["-std=c++17"],
    "cflags_cc!": ["-std=gnu++20", "-std=gnu++17", "-fno-exceptions"],
  },
  "targets": [
    {
      # What JavaScript cannot say: loaded into Node.
      "target_name": "ring3",
      "sources": ["native/addon.cc", "native/layout.cc", "native/launch.cc", "native/descriptors.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc": ["-fexceptions"],
      "dependencies": ["ring3-shim"],
    },
    {
      # Between Node and the child: small, static, and without the C++ library.
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
      ],
      "cflags_cc": ["-fno-exceptions", "-fno-rtti", "-ffunction-sections"],
      "ldflags": ["-static", "-Wl,--gc-sections"],
    },
  ],
}
