/** A whole number with thousands separated by commas. */
export function whole(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}

/** A number with `digits` decimals, thousands separated. */
export function decimal(value: number, digits: number): string {
  const [integer, fraction] = value.toFixed(digits).split('.');
  return fraction === undefined ? whole(Number(integer)) : `${whole(Number(integer))}.${fraction}`;
}

/** `part` of `total` in per cent; a part that is not nothing never reads as 0.0 %, one that is not all never as 100.0 %. */
export function share(part: number, total: number): string {
  if (total === 0 || part === 0) return '0.0 %';
  const percent = (part / total) * 100;
  if (percent < 0.05) return '<0.1 %';
  if (percent > 99.95 && part !== total) return '>99.9 %';
  return `${decimal(percent, 1)} %`;
}

/** A duration in the unit that suits it. */
export function duration(ns: number): string {
  if (ns < 1e6) return `${decimal(ns / 1e3, 1)} us`;
  if (ns < 1e9) return `${decimal(ns / 1e6, 1)} ms`;
  return `${decimal(ns / 1e9, 2)} s`;
}

/** `3 frames`, `1 frame`. */
export function count(value: number, noun: string): string {
  return `${whole(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export interface Column {
  readonly title: string;
  /** Numbers stand at the right, names at the left. */
  readonly align: 'left' | 'right';
  readonly cells: readonly string[];
}

/** Lines of a table, each indented by two blanks; the title line first. */
export function table(columns: readonly Column[]): string[] {
  const widths = columns.map(({ title, cells }) =>
    [title, ...cells].reduce((most, { length }) => Math.max(most, length), 0),
  );
  const line = (cellOf: (column: Column) => string): string =>
    columns
      .map((column, index) => {
        const cell = cellOf(column);
        const width = widths[index]!;
        return column.align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rows = columns[0]?.cells.length ?? 0;
  return [
    line(({ title }) => title),
    ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row]!)),
  ].map((text) => `  ${text}`);
}

/** A column of names or other text. */
export function texts<T>(title: string, rows: readonly T[], of: (row: T) => string): Column {
  return { title, align: 'left', cells: rows.map(of) };
}

/** A column of numbers; undefined where all of them are zero: there is nothing to say. */
export function numbers<T>(
  title: string,
  rows: readonly T[],
  of: (row: T) => number,
): Column | undefined {
  const values = rows.map(of);
  if (values.every((value) => value === 0)) return undefined;
  const cells = values.map((value) => (value === 0 ? '-' : whole(value)));
  return { title, align: 'right', cells };
}
