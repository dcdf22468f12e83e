const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

/** `1.2K`: for axes and narrow cells. */
export function short(value: number): string {
  return Math.abs(value) < 1000 ? plain.format(value) : compact.format(value);
}

/** `1,234.5` */
export function exact(value: number): string {
  return plain.format(value);
}

export interface TimeUnit {
  readonly name: string;
  readonly ns: number;
}

/** The unit that suits a run of this length. */
export function timeUnit(lengthNs: number): TimeUnit {
  if (lengthNs < 2e6) return { name: '\u00b5s', ns: 1e3 };
  if (lengthNs < 2e9) return { name: 'ms', ns: 1e6 };
  return { name: 's', ns: 1e9 };
}

/** A time since the first event. */
export function time(ns: number, { name, ns: unit }: TimeUnit): string {
  return `${fine.format(ns / unit)} ${name}`;
}
