import uPlot from 'uplot';
import type { ChartSpec } from './chartSpec.js';
import { stacked } from './chartSpec.js';
import { short, type TimeUnit } from './numbers.js';
import { PAGE_COLOUR, type SeriesStyle } from './palette.js';
import { theme } from './theme.js';

export const PLOT_HEIGHT = 240;
const FONT = '12px system-ui, sans-serif';
const INK = { light: '#3d434b', dark: '#c3c9d1' };
const GRID = { light: '#e3e6ea', dark: '#2a2f37' };
const FALLBACK_TOP = 1;
/** Room above the highest value. */
const HEADROOM = 1.05;

interface PlotInput {
  readonly spec: ChartSpec;
  readonly styles: readonly SeriesStyle[];
  readonly unit: TimeUnit;
  /** Start of each bin and the end of the last one, in `unit`. */
  readonly times: readonly number[];
  readonly isShown: (index: number) => boolean;
  readonly width: number;
  readonly onCursor: (bin: number | null) => void;
}

/** Draws `spec` into `into` with the colours of the theme as it is now. */
export function plot(input: PlotInput, into: HTMLElement): uPlot {
  const { spec, times, isShown } = input;
  const curves =
    spec.shape === 'stack'
      ? stacked(spec.series, isShown)
      : spec.series.map(({ values }) =>
          values.map((value) => (Number.isNaN(value) ? null : value)),
        );
  // The last bin has a width too.
  const drawn = curves.map((curve) => [...curve, curve.at(-1) ?? null]);
  // The highest of a stack is drawn first and the next one over it.
  const order = spec.series.map((_, index) => index);
  if (spec.shape === 'stack') order.reverse();
  const data = [times, ...order.map((index) => drawn[index]!)] as uPlot.AlignedData;
  return new uPlot(options(input, order), data, into);
}

function options({ spec, styles, unit, isShown, width, onCursor }: PlotInput, order: number[]) {
  const mode = theme();
  const axis = (label: string): uPlot.Axis => ({
    label,
    labelFont: FONT,
    font: FONT,
    stroke: INK[mode],
    grid: { stroke: GRID[mode], width: 1 },
    ticks: { stroke: GRID[mode], width: 1 },
    labelSize: 18,
  });
  const made: uPlot.Options = {
    width,
    height: PLOT_HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: 'time' }, points: { show: spec.shape !== 'stack' }, y: false },
    scales: { x: { time: false }, y: { range: (_, _least, most) => [0, top(most)] } },
    axes: [
      { ...axis(`${unit.name} since the first event`), size: 34 },
      {
        ...axis(spec.unit),
        size: 52,
        values: (_, values) => values.map((value) => short(value)),
      },
    ],
    series: [
      {},
      ...order.map((index) => {
        const { label } = spec.series[index]!;
        return { label, show: isShown(index), ...look(styles[index]!, mode, spec.shape) };
      }),
    ],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
  };
  return made;
}

/** By how many series of the chart had the colour before. */
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3]];
const DOT_SIZE = 5;

function look(
  style: SeriesStyle,
  mode: 'light' | 'dark',
  shape: ChartSpec['shape'],
): Partial<uPlot.Series> {
  const { [mode]: colour, dash } = style;
  if (shape === 'dots') {
    const fill = dash === 0 ? colour : PAGE_COLOUR[mode];
    return {
      stroke: colour,
      paths: () => null,
      points: { show: true, size: DOT_SIZE, width: 1, fill },
    };
  }
  const points = { show: false };
  if (shape === 'lines') {
    return { stroke: colour, width: 2, points, dash: DASHES[dash % DASHES.length]! };
  }
  // No part of what lies beneath may show: it belongs to another series.
  const fill = dash % 2 === 0 ? colour : mixed(colour, PAGE_COLOUR[mode]);
  return { stroke: fill, width: 1, fill, points, paths: uPlot.paths.stepped!({ align: 1 }) };
}

/** Half way between two colours, #rrggbb. */
function mixed(one: string, other: string): string {
  const part = (colour: string, at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  const middle = [1, 3, 5].map((at) => Math.round((part(one, at) + part(other, at)) / 2));
  return `#${middle.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function top(most: number | null): number {
  return most === null || !(most > 0) ? FALLBACK_TOP : most * HEADROOM;
}
