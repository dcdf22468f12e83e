import { decimal, whole } from '../report/format.js';
import type { Column, Row } from './row.js';
import type { Totals } from './totals.js';

/** Where the columns begin. */
const LABEL_WIDTH = 23;
const NUMBER_WIDTH = 10;
const UNIT_WIDTH = 13;

/** An interval as xdp-monitor prints it; an empty line ends the long form. */
export function intervalText(rows: readonly Row[], { extended }: { extended: boolean }): string {
  return `${rows.map(rowText).join('\n')}\n${extended ? '\n' : ''}`;
}

function rowText({ indent, label, hasGap, columns }: Row): string {
  const gap = hasGap ? ' ' : '';
  const head = `${' '.repeat(indent)}${label}`.padEnd(LABEL_WIDTH - gap.length);
  return `${head}${gap}${columns.map(columnText).join('')}`;
}

function columnText({ value, digits, unit }: Column): string {
  return `${decimal(value, digits).padStart(NUMBER_WIDTH)} ${unit.padEnd(UNIT_WIDTH)}`;
}

/** The last lines: what was counted in all, each with its average where it has one. What is 0 is left out. */
export function totalsText(totals: Totals, seconds: number): string {
  const perSecond = (count: number) => (seconds > 0 ? Math.round(count / seconds) : 0);
  const line = (title: string, value: string) => `  ${title.padEnd(19)} : ${value}\n`;
  const counted = (title: string, count: number, average?: string) => {
    if (count === 0) return '';
    const number = (value: number) => whole(value).padEnd(NUMBER_WIDTH);
    const second = average === undefined ? '' : line(average, number(perSecond(count)));
    return `${line(title, number(count))}${second}`;
  };
  return [
    line('Duration', `${decimal(seconds, 1)}s`),
    counted('Packets received', totals.received, 'Average packets/s'),
    counted('Packets redirected', totals.redirected, 'Average redir/s'),
    counted('Rx dropped', totals.rxDropped),
    counted('Tx dropped', totals.txDropped),
    counted('Errors recorded', totals.errors),
    counted('Packets transmitted', totals.transmitted, 'Average transmit/s'),
  ].join('');
}
