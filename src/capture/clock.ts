import { NS_PER_SECOND } from './pcapFormat.js';

/** How an interface of a pcapng file counts time. */
export interface Clock {
  readonly ticksPerSecond: bigint;
  /** Seconds to add, may be negative. */
  readonly offsetSeconds: bigint;
}

/** The top bit of `if_tsresol` chooses the base. */
const BASE_2 = 0x80;

/** Ticks per second for an `if_tsresol` byte: a power of 2 if the top bit is set, else of 10. */
export function ticksPerSecond(tsresol: number): bigint {
  const exponent = BigInt(tsresol & ~BASE_2);
  return (tsresol & BASE_2) !== 0 ? 2n ** exponent : 10n ** exponent;
}

/** Nanoseconds since 1970, rounded down. */
export function timestampNs(ticks: bigint, clock: Clock): bigint {
  const sinceOffset =
    clock.ticksPerSecond === NS_PER_SECOND ? ticks : (ticks * NS_PER_SECOND) / clock.ticksPerSecond;
  return clock.offsetSeconds * NS_PER_SECOND + sinceOffset;
}
