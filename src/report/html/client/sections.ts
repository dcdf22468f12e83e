import type { Series } from '../../series/document.js';
import type { PageData } from '../pageData.js';
import { bulkTable } from './bulkTable.js';
import { Chart } from './chart.js';
import type { ChartSpec, TimeAxis } from './chartSpec.js';
import { element } from './dom.js';
import { fateTable } from './fateTable.js';
import { faultTable } from './faultTable.js';
import { flowSection } from './flowSection.js';
import { frameSection } from './frameTable.js';
import { Palette } from './palette.js';
import { redirectTable } from './redirectTable.js';
import { SHOWN_MAX, topSeries } from './topSeries.js';

/** The sections of the page, each with a heading. */
export function sections(data: PageData, axis: TimeAxis): HTMLElement[] {
  const { series, fates, faults, frames } = data;
  const ofTargets = new Palette();
  // Those with the most frames first, to have colours of their own.
  const { delivered, redirected, received } = series;
  ofTargets.reserve([...delivered, ...redirected, ...received].map(({ label }) => label));
  const ofCauses = new Palette();
  ofCauses.reserve(series.lost.map(({ label }) => label));
  const charts = (specs: readonly ChartSpec[], palette: Palette, nothing: string) => {
    const told = specs.filter(({ series: all }) => all.length > 0);
    if (told.length === 0) return element('p', {}, nothing);
    return grid(told.map((spec) => new Chart(spec, axis, palette).node));
  };
  return [
    section('redirects', 'Who redirected to whom', ...redirectTable(series.matrix)),
    section(
      'rates',
      'Rate over time',
      charts(rates(data, axis), ofTargets, 'No frame was received.'),
    ),
    section(
      'lost',
      'Drops and errors',
      charts(losses(data), ofCauses, 'Every frame was delivered.'),
    ),
    section(
      'rings',
      'Ring depth',
      charts(ringDepths(data), ofTargets, 'Nothing was ever on a ring.'),
    ),
    section(
      'bulks',
      'Bulk fill',
      charts(bulkFills(data), ofTargets, 'Nothing went through a bulk queue.'),
      ...(series.bulks.length > 0 ? [bulkTable(series.bulks)] : []),
    ),
    section('flows', 'Flows over CPUs', ...flowSection(series.flows)),
    section(
      'fates',
      'Fates',
      fateTable(fates, axis.unit),
      ...(faults.length > 0 ? [faultTable(faults)] : []),
    ),
    ...(frames === undefined
      ? []
      : [section('frames', 'Frames', ...frameSection(frames, axis.unit))]),
  ];
}

function section(id: string, title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('section', { id }, element('h2', {}, title), ...children);
}

function grid(nodes: readonly HTMLElement[]): HTMLElement {
  return element('div', { class: 'charts' }, ...nodes);
}

function rates({ series }: PageData, { binNs }: TimeAxis): ChartSpec[] {
  const perSecond = (title: string, all: readonly Series[], note?: string): ChartSpec => ({
    title,
    unit: 'frames/s',
    shape: 'stack',
    series: topSeries(all).map((each) => ({
      ...each,
      values: each.values.map((frames) => (frames * 1e9) / binNs),
    })),
    ...(note !== undefined && { note }),
  });
  return [
    perSecond('Received, by CPU', series.received),
    perSecond('Redirected, by target', series.redirected),
    perSecond('Delivered, by target', series.delivered, 'a CPU is its network stack'),
  ];
}

function losses({ series }: PageData): ChartSpec[] {
  const perBin = (title: string, unit: string, all: readonly Series[]): ChartSpec => ({
    title,
    unit,
    shape: 'stack',
    series: topSeries(all),
  });
  return [
    perBin('Frames not delivered, by fate', 'frames per bin', series.lost),
    perBin('Errors, by errno and tracepoint', 'frames per bin', series.errors),
  ];
}

function ringDepths({ series: { rings, ringsLeft } }: PageData): ChartSpec[] {
  const used = rings.filter(({ most }) => most > 0);
  const shown = used.slice(0, SHOWN_MAX);
  const left = used.length - shown.length;
  const notes = [
    'the deepest of each bin',
    ...(left > 0 ? [`the ${SHOWN_MAX} deepest of ${used.length} rings`] : []),
    ...(ringsLeft > 0 ? [`${ringsLeft} rings were not followed`] : []),
  ];
  return [
    {
      title: 'Ring depth',
      unit: 'entries',
      note: notes.join('; '),
      shape: 'lines',
      series: shown.map(({ label, target, size, values }) => ({
        target,
        label: size === null ? label : `${label} (${size} slots)`,
        values,
        isRest: false,
      })),
    },
  ];
}

function bulkFills({ series }: PageData): ChartSpec[] {
  const shown = series.bulks.slice(0, SHOWN_MAX);
  const left = series.bulks.length - shown.length;
  return [
    {
      title: 'Frames in a bulk',
      unit: 'frames, mean of the bin',
      shape: 'dots',
      series: shown.map(({ label, target, frames, bulks: times }) => ({
        label,
        target,
        values: frames.map((sum, bin) => (times[bin] === 0 ? Number.NaN : sum / times[bin]!)),
        isRest: false,
      })),
      ...(left > 0 && { note: `the ${SHOWN_MAX} with the most frames of ${series.bulks.length}` }),
    },
  ];
}
