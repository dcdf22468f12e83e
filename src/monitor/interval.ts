import type { Counts } from './counts.js';

/** What happened in `seconds`. */
export interface Interval {
  readonly seconds: number;
  readonly counts: Counts;
}

/** What is shown of an interval. */
export interface View {
  /** The long form. */
  readonly extended: boolean;
  /** Redirects that went well, too. */
  readonly stats: boolean;
  /** What the devices received, too, as xdp-bench shows it. */
  readonly receive: boolean;
  /** Name of a device. */
  readonly deviceName: (ifindex: number) => string | undefined;
}
