import { count, table, texts, whole } from '../report/format.js';
import { fateNamed } from '../trace/fates.js';
import type { LedgerEntry } from './entry.js';
import { hintsOf, type LedgerRun } from './hint.js';
import { sentenceOf } from './rules.js';

/** A frame's whole way for people, with hints where there is a report to take them from. */
export function entryText(entry: LedgerEntry, run?: LedgerRun): string {
  const { flow, length, steps } = entry;
  const about = [nameOf(entry), count(length, 'byte'), ...(flow === undefined ? [] : [flow])];
  const rows = [
    ...steps.map((step, index) => ({
      ...step,
      text: sentenceOf(step, index === 0),
    })),
    { t: entry.t, cpu: entry.cpu, by: undefined, text: fateSentence(entry) },
  ];
  const lines = table([
    {
      ...texts('us', rows, ({ t }) => (t === undefined ? '' : (t / 1e3).toFixed(1))),
      align: 'right',
    },
    { ...texts('cpu', rows, ({ cpu }) => (cpu === undefined ? '-' : String(cpu))), align: 'right' },
    texts('', rows, ({ text, by }) => (by === undefined ? text : `${text} [${by}]`)),
  ]);
  const hints = run === undefined ? [] : hintsOf(entry, run);
  return `${[about.join(', '), ...lines, ...hints.map((hint) => `  - ${hint}`)].join('\n')}\n`;
}

function nameOf({ frame, copy }: LedgerEntry): string {
  return copy === undefined ? `frame ${whole(frame)}` : `copy ${copy} of frame ${whole(frame)}`;
}

function fateSentence({ fate, sink }: LedgerEntry): string {
  if (fate === null) return 'no fate was recorded';
  const text = fateNamed(fate)?.text ?? fate;
  return `${text} (${fate}${sink === undefined ? '' : `, ${sink}`})`;
}

/** How many frames went which way, the most first. */
export function waysText(ways: ReadonlyMap<string, number>): string {
  const rows = [...ways].sort(([, a], [, b]) => b - a);
  const lines = table([
    { ...texts('frames', rows, ([, frames]) => whole(frames)), align: 'right' },
    texts('way', rows, ([way]) => way),
  ]);
  return `${lines.join('\n')}\n`;
}
