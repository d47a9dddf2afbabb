/** What getrusage(2) and wait4(2) tell. */
export class ResourceUsage {
  /** Milliseconds. All processor time counts as the user's: what the kernel does for a guest, it does elsewhere. */
  user = 0;
  system = 0;
  /** Largest resident set, KiB. */
  maxResident = 0;

  add(other: ResourceUsage): void {
    this.user += other.user;
    this.system += other.system;
    this.maxResident = Math.max(this.maxResident, other.maxResident);
  }
}
