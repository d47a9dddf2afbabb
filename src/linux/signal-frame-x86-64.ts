/**
 * The frame that a signal leaves on the stack of x86-64 (arch/x86/include/uapi/asm/{sigcontext,ucontext}.h;
 * arch/x86/kernel/signal_64.c). Offsets in bytes from the frame's start, which is where the handler's stack pointer is:
 *
 *     0 pretcode, the restorer's address     8 ucontext     312 siginfo     440 end; above it, aligned, the XSAVE area
 */
export const FRAME_SIZE = 440;
export const FRAME_UCONTEXT = 8;
export const FRAME_SIGINFO = 312;

export const UC_FLAGS = FRAME_UCONTEXT;
export const UC_STACK = FRAME_UCONTEXT + 16;
/** 18 registers in the order of REGISTERS_X86_64. */
export const UC_REGISTERS = FRAME_UCONTEXT + 40;
/** cs, gs, fs, ss: 16 bits each. */
export const UC_SEGMENTS = FRAME_UCONTEXT + 184;
export const UC_ERROR = FRAME_UCONTEXT + 192;
export const UC_TRAP = FRAME_UCONTEXT + 200;
export const UC_OLD_MASK = FRAME_UCONTEXT + 208;
export const UC_CR2 = FRAME_UCONTEXT + 216;
export const UC_FPSTATE = FRAME_UCONTEXT + 224;
export const UC_SIGMASK = FRAME_UCONTEXT + 296;

/** An XSAVE area is there, and its size with it. */
export const UC_FP_XSTATE = 1;
/** ss is in the frame, and is to be restored as it is. */
export const UC_SS = 2 | 4;

export const USER_CS = 0x33;
export const USER_SS = 0x2b;

/** The ABI's red zone below the stack pointer, which the frame must leave alone. */
export const RED_ZONE = 128;
/** Flags that rt_sigreturn takes from the frame: all arithmetic ones, DF and AC. Not TF: nobody traces. */
export const RESTORED_FLAGS = 0x4_0cd5;
/** Flags that are clear when a handler begins: TF, DF, RF. */
export const HANDLER_CLEARS = 0x1_0500;

/** The legacy part of the XSAVE area, and the header after it. */
export const FXSAVE_SIZE = 512;
export const XSAVE_HEADER_SIZE = 64;
export const FX_MXCSR = 24;
export const FX_MXCSR_MASK = 28;
/** struct _fpx_sw_bytes, in the last bytes of the legacy part. */
export const FX_SW_BYTES = 464;
export const FP_XSTATE_MAGIC1 = 0x4650_5853;
/** Follows the area. */
export const FP_XSTATE_MAGIC2 = 0x4650_5845;

/** Error code of a page fault: protection, write, user, instruction fetch; and its trap number. */
export const PF_PROTECTION = 1;
export const PF_WRITE = 2;
export const PF_USER = 4;
export const PF_FETCH = 16;
export const TRAP_PAGE_FAULT = 14;
