/** MAX_BPF_STACK of include/linux/filter.h: bytes of a frame. */
export const FRAME_BYTES = 512;
/** MAX_CALL_FRAMES of include/linux/bpf_verifier.h. */
export const MAX_CALL_FRAMES = 8;
/** What a caller reserves for a program's stack. */
export const STACK_BYTES = FRAME_BYTES * MAX_CALL_FRAMES;
/** BPF_MAX_LOOPS of include/linux/bpf.h: how often a function's `may_goto`s fall through. */
export const MAX_LOOPS = 8 * 1024 * 1024;
/** BPF_FUNC_tail_call. Its result is not a value but says whether the run ended in another program: see `tailCalled`. */
export const TAIL_CALL_HELPER = 12;
/** Instructions a run may take unless told otherwise. */
export const DEFAULT_BUDGET = 1_000_000;
