const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill);
const twelve = (date: Date): number => date.getHours() % 12 || 12;

/** The conversions of strftime(3) in the C locale, for local time. */
const conversions: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => days[date.getDay()]!.slice(0, 3),
  A: (date) => days[date.getDay()]!,
  b: (date) => months[date.getMonth()]!.slice(0, 3),
  B: (date) => months[date.getMonth()]!,
  c: (date) => formatted('%a %b %e %H:%M:%S %Y', date),
  C: (date) => two(Math.trunc(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => formatted('%m/%d/%y', date),
  e: (date) => two(date.getDate(), ' '),
  F: (date) => formatted('%Y-%m-%d', date),
  h: (date) => formatted('%b', date),
  H: (date) => two(date.getHours()),
  I: (date) => two(twelve(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => two(date.getHours(), ' '),
  l: (date) => two(twelve(date), ' '),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  r: (date) => formatted('%I:%M:%S %p', date),
  R: (date) => formatted('%H:%M', date),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  T: (date) => formatted('%H:%M:%S', date),
  u: (date) => String(date.getDay() || 7),
  w: (date) => String(date.getDay()),
  x: (date) => formatted('%m/%d/%y', date),
  X: (date) => formatted('%H:%M:%S', date),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  z: (date) => zoneOffset(date),
  '%': () => '%',
};

function dayOfYear(date: Date): number {
  const first = Date.UTC(date.getFullYear(), 0, 1);
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (day - first) / 86_400_000 + 1;
}

function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  const distance = Math.abs(minutes);
  return `${sign}${two(Math.trunc(distance / 60))}${two(distance % 60)}`;
}

function formatted(format: string, date: Date): string {
  return format.replace(/%(.)/gs, (text, letter: string) => conversions[letter]?.(date) ?? text);
}

/** A time as `format` says. `%f`, which C does not have, is the microseconds. */
export function strftime(format: string, timeMs: number): string {
  const microseconds = Math.floor((timeMs - Math.floor(timeMs / 1000) * 1000) * 1000);
  const ownPart = format.replaceAll('%f', String(microseconds).padStart(6, '0'));
  return formatted(ownPart, new Date(timeMs));
}
