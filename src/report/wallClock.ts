/** Nanoseconds since 1970 of times of a machine's clock, which was 0 at `originMs`. */
export function wallClock(originMs: number): (timeNs: number) => bigint {
  const origin = BigInt(Math.round(originMs * 1e3)) * 1000n;
  return (timeNs) => origin + BigInt(Math.round(timeNs));
}
