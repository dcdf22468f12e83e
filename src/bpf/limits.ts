/** MAX_BPF_STACK of include/linux/filter.h: bytes of a frame. */
export const FRAME_BYTES = 512;
/** MAX_CALL_FRAMES of include/linux/bpf_verifier.h. */
export const MAX_CALL_FRAMES = 8;
/** What a caller reserves for a program's stack. */
export const STACK_BYTES = FRAME_BYTES * MAX_CALL_FRAMES;
/** BPF_MAX_LOOPS of include/linux/bpf.h: how often a function's `may_goto`s fall through. */
export const MAX_LOOPS = 8 * 1024 * 1024;
/**
 * BPF_FUNC_tail_call. A result that is not negative is the verdict of the program that the run went on in; a negative
 * one says that the tail call failed and the program goes on.
 */
export const TAIL_CALL_HELPER = 12;
/**
 * Instructions that a run may take unless told otherwise: some 15 ms compiled. DIVERGES: the kernel bounds a run by what
 * its verifier lets pass, which with bpf_loop or may_goto can take longer.
 */
export const DEFAULT_BUDGET = 16 * 1024 * 1024;
