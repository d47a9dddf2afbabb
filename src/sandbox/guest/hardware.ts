/** What guests are told of the processor: what the host tells us (getauxval(3)). */
import type { Hardware } from '../../kernel/loader/load.ts';
import { addon } from '../../linux/addon.ts';
import { AT } from '../../linux/auxv.ts';

/** For hosts that do not say how large a signal frame is: Linux before 5.14. */
const LARGE_FRAME = 4096;
/** Instructions that set the base of fs are not the guest's: HWCAP2_FSGSBASE (asm/hwcap2.h). */
const FSGSBASE = 2;

const value = (type: number): number => addon().auxiliaryValue(type);

export function hostHardware(): Hardware {
  return {
    capabilities: value(AT.AT_HWCAP),
    capabilities2: value(AT.AT_HWCAP2) & ~FSGSBASE,
    minimumSignalStack: value(AT.AT_MINSIGSTKSZ) || LARGE_FRAME,
  };
}
