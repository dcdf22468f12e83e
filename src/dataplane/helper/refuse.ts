import { refuse } from "../context/fault";

/** Why a helper refused an argument; `src/program/helperFault.ts` says it in words. */
export const enum Refusal {
  /** The bytes are not all where programs may read and write. */
  NOT_MEMORY = 1,
  /** Not the address of a map. */
  NOT_A_MAP = 2,
  /** A map whose type the helper does not know. */
  MAP_TYPE = 3,
  /** A map that was made for user space alone to write (BPF_F_RDONLY_PROG), or to read (BPF_F_WRONLY_PROG). */
  MAP_ACCESS = 4,
  /** Not the context that the program was called with. */
  NOT_CONTEXT = 5,
  /** Not a record that the run has reserved. */
  NOT_RESERVED = 6,
  /** Not a function of the program. */
  NOT_CALLBACK = 7,
  /** A spin lock that another holds for too long, or that the run holds already, or does not. */
  SPIN_LOCK = 8,
  /** A format that the kernel would refuse. */
  FORMAT = 9,
  /** 16 bytes that no helper has made a dynptr of. */
  NOT_DYNPTR = 10,
  /** Not a socket that a lookup has found. */
  NOT_SOCKET = 11,
}

/**
 * Ends the run: the record has the refusal, the argument's number (1 to 5) and its value. Returns 0, what the helper then
 * returns.
 */
export function refuseArgument(refusal: Refusal, argument: u32, value: u64): u64 {
  return refuse(<u32>refusal | (argument << 8), value);
}
