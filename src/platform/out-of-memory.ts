/** The sandbox has used up the memory that it may use: system calls answer ENOMEM, faults end the guest. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory';
  readonly code = 'ENOMEM';

  constructor(wanted: number, used: number) {
    super(`${wanted} bytes wanted, ${used} in use: the sandbox may not have more`);
  }
}
