import { isEqual } from './difference.js';
import type { Sequences } from './replay.js';

/** Widest left column. */
const COLUMN_MAX = 100;

/** Both sequences, a step a line: what was recorded on the left, what was found on the right, `|` where they differ. */
export function sideBySide({ expected, found }: Sequences): string[] {
  const rows = Array.from({ length: Math.max(expected.length, found.length) }, (_, index) => ({
    left: show(expected[index]),
    right: show(found[index]),
    mark: isEqual(expected[index], found[index]) ? ' ' : '|',
  }));
  const width = Math.min(COLUMN_MAX, Math.max(0, ...rows.map(({ left }) => left.length)));
  return rows.map(({ left, mark, right }) => `${left.padEnd(width)} ${mark} ${right}`);
}

/** `frame=3 ev=xdp_redirect err=0` */
function show(step: object | undefined): string {
  if (step === undefined) return '-';
  return Object.entries(step)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
