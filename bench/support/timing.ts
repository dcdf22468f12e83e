/** Times one batch: nanoseconds a call, and what the last call returned. */
export function nsPerCall(
  run: (times: number) => number,
  times: number,
): { readonly ns: number; readonly result: number } {
  const start = process.hrtime.bigint();
  const result = run(times);
  return { ns: Number(process.hrtime.bigint() - start) / times, result };
}

export function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[samples.length >> 1]!;
}
