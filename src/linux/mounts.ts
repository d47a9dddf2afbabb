/** Mount attributes and propagation (mount_setattr(2), mount(2); include/uapi/linux/mount.h). */
export const MOUNT_ATTR = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  noatime: 0x10,
  nosymfollow: 0x20_0000,
} as const;

export const PROPAGATION = {
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
} as const;

export const MS_REC = 0x4000;
