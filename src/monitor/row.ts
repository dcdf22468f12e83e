import type { DataRecord, PerCpu } from './counts.js';
import { type Rates, ratesOf } from './rates.js';

/** A number and what it counts. */
export interface Column {
  readonly value: number;
  readonly digits: 0 | 2;
  readonly unit: string;
}

export interface Row {
  /** Blanks before the label. */
  readonly indent: number;
  readonly label: string;
  /** Whether a blank follows the label even where it is too long for its place. */
  readonly hasGap: boolean;
  readonly columns: readonly Column[];
  /** Part of the short form: something went wrong. */
  readonly isError: boolean;
}

/** A row for each CPU on which something happened. */
export function cpuRows(
  perCpu: PerCpu,
  seconds: number,
  columns: (rates: Rates) => Column[],
  labelOf: (cpu: number) => string = (cpu) => `cpu:${cpu}`,
): Row[] {
  return sorted(perCpu)
    .map(([cpu, record]) => ({ cpu, rates: ratesOf(record, seconds) }))
    .filter(({ rates }) => isBusy(rates))
    .map(({ cpu, rates }) => ({
      indent: 4,
      label: labelOf(cpu),
      hasGap: true,
      columns: columns(rates),
      isError: false,
    }));
}

export function section(label: string, columns: readonly Column[], isError: boolean): Row {
  return { indent: 2, label, hasGap: true, columns, isError };
}

export function column(value: number, unit: string, digits: 0 | 2 = 0): Column {
  return { value, unit, digits };
}

export function isBusy({ processed, dropped, issue }: Rates): boolean {
  return processed !== 0 || dropped !== 0 || issue !== 0;
}

export function sorted(perCpu: PerCpu): [number, DataRecord][] {
  return [...perCpu].sort(([a], [b]) => a - b);
}
