import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry } from '../../ledger/entry.js';
import { entryMatcher, type LedgerFilter } from '../../ledger/filter.js';
import { hintsOf, type LedgerRun } from '../../ledger/hint.js';
import { LEDGER_FILE, readLedger } from '../../ledger/ledgerFile.js';
import { sentenceOf } from '../../ledger/rules.js';
import { entryText, waysText } from '../../ledger/text.js';
import { wayOf } from '../../ledger/way.js';
import { count } from '../../report/format.js';
import { hint } from '../../scenario/suggest.js';
import { fateNamed, fates } from '../../trace/fates.js';
import { integer } from '../arguments.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit.js';
import type { OptionTable, OptionValues } from '../options.js';
import { folderOperand, hasReport, readReport } from '../runFolder.js';
import { UsageError } from '../usageError.js';

const DESCRIPTION = `
Tells the way of frames of a run that was recorded with \`xdpemu run ... --out DIR --ledger\`: each
step with its time since the frame came in, its CPU and the rule behind it, and what may be done
about the fate. Frames are numbered from 1 as they came in. Of several frames the ways are counted,
and the first are told of.
`;

const options = {
  frame: { value: 'N', text: 'the Nth frame that came in, and the copies that were made of it' },
  flow: {
    value: 'FLOW',
    text: 'frames that came in as 10.0.0.1:1234>10.0.0.2:80/udp; parts may be *, ports and\nprotocol left out',
  },
  sink: {
    value: 'NAME',
    text: 'frames that ended at, or were meant for, a device, a socket, or a CPU (cpu:3)',
  },
  fate: { value: 'NAME', text: 'frames with this fate, as the summary calls it' },
  limit: { value: 'N', text: 'how many frames to tell of (default: 1; with --frame all)' },
  json: { text: 'print one JSON object' },
} as const satisfies OptionTable;

export const whyCommand = defineCommand({
  usage: 'DIR [options]',
  description: DESCRIPTION,
  options,
  run: async (values, operands, io) => {
    const folder = folderOf(operands);
    const filter = filterOf(values);
    const limit = integer('limit', values.limit, 0, Number.MAX_SAFE_INTEGER);
    const shown = limit ?? (filter.frame === undefined ? 1 : Number.POSITIVE_INFINITY);
    const found = await search(folder, filter, shown);
    io.stdout.write(values.json ? jsonOf(found) : textOf(found));
    return EXIT.DONE;
  },
});

interface Found {
  readonly matches: number;
  readonly ways: ReadonlyMap<string, number>;
  /** The first of them. */
  readonly entries: readonly LedgerEntry[];
  /** Absent where the run did not end: there is a ledger, but no report. */
  readonly run: LedgerRun | undefined;
}

function folderOf(operands: readonly string[]): string {
  const folder = folderOperand('why', operands);
  if (!existsSync(join(folder, LEDGER_FILE))) {
    throw new UsageError(
      `${folder}: expected ${LEDGER_FILE} in it, found none: record it with xdpemu run ... --out ${folder} --ledger`,
    );
  }
  return folder;
}

function filterOf({ frame, flow, sink, fate }: OptionValues<typeof options>): LedgerFilter {
  if (fate !== undefined && fateNamed(fate) === undefined) {
    const known = fates.map(({ name }) => name);
    throw new UsageError(`--fate ${fate}: no such fate; ${hint(fate, known)}`);
  }
  return { frame: integer('frame', frame, 1, 2 ** 31 - 1), flow, sink, fate };
}

async function search(folder: string, filter: LedgerFilter, shown: number): Promise<Found> {
  const isMeant = matcherOf(filter);
  const ways = new Map<string, number>();
  const entries: LedgerEntry[] = [];
  let matches = 0;
  for await (const entry of readLedger(join(folder, LEDGER_FILE))) {
    if (!isMeant(entry)) continue;
    matches++;
    const way = wayOf(entry);
    ways.set(way, (ways.get(way) ?? 0) + 1);
    if (entries.length < shown) entries.push(entry);
  }
  return { matches, ways, entries, run: runOf(folder) };
}

function matcherOf(filter: LedgerFilter) {
  try {
    return entryMatcher(filter);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--flow: ${error.message}`);
    throw error;
  }
}

function runOf(folder: string): LedgerRun | undefined {
  if (!hasReport(folder)) return undefined;
  const { report, scenario } = readReport(folder);
  return { ...report, scenario };
}

function textOf({ matches, ways, entries, run }: Found): string {
  if (matches === 0) return 'no such frame\n';
  const summary = matches > 1 ? [`${count(matches, 'frame')}\n${waysText(ways)}`] : [];
  return [...summary, ...entries.map((entry) => entryText(entry, run))].join('\n');
}

function jsonOf({ matches, ways, entries, run }: Found): string {
  const frames = entries.map((entry) => ({
    ...entry,
    steps: entry.steps.map((step, index) => ({ ...step, text: sentenceOf(step, index === 0) })),
    hints: run === undefined ? [] : hintsOf(entry, run),
  }));
  const counted = [...ways].map(([way, times]) => ({ way, frames: times }));
  return `${JSON.stringify({ matches, ways: counted, frames })}\n`;
}
