import type { DataRecord } from './counts.js';

/** Per second, each rounded to a whole number as xdp-tools does (lib/util/xdp_sample.c:calc_pps). */
export type Rates = Readonly<DataRecord>;

/** Rates over no time at all are 0. */
export function ratesOf(record: DataRecord, seconds: number): Rates {
  const rate = (count: number) => (seconds > 0 ? Math.round(count / seconds) : 0);
  return {
    processed: rate(record.processed),
    dropped: rate(record.dropped),
    issue: rate(record.issue),
    info: rate(record.info),
    xdpPass: rate(record.xdpPass),
    xdpDrop: rate(record.xdpDrop),
    xdpRedirect: rate(record.xdpRedirect),
  };
}

/** Frames of a bulk, of rates; the tool shows the 0 bulks of no frames as 0. */
export function bulkAverage(frames: number, bulks: number): number {
  return bulks > 0 ? frames / bulks : bulks;
}
