import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry } from '../../ledger/entry.js';
import { LEDGER_FILE, readLedger } from '../../ledger/ledgerFile.js';
import { wayOf } from '../../ledger/way.js';
import type { PageFrame, PageFrames } from '../../report/html/pageData.js';
import { fateNamed } from '../../trace/fates.js';

/** Frames of each kind that the page has: with more a browser would have its pains. */
const LOST_MAX = 4000;
const DELIVERED_MAX = 1000;

/**
 * The frames of a run's ledger, those that were not delivered first; undefined where it has none.
 *
 * @throws LedgerError
 */
export async function framesOf(folder: string, startNs: number): Promise<PageFrames | undefined> {
  const file = join(folder, LEDGER_FILE);
  if (!existsSync(file)) return undefined;
  const lostRows: PageFrame[] = [];
  const deliveredRows: PageFrame[] = [];
  let total = 0;
  for await (const entry of readLedger(file)) {
    total++;
    const isDelivered = entry.fate !== null && fateNamed(entry.fate)?.delivered === true;
    const rows = isDelivered ? deliveredRows : lostRows;
    const most = isDelivered ? DELIVERED_MAX : LOST_MAX;
    if (rows.length < most) rows.push(rowOf(entry, isDelivered, startNs));
  }
  return { total, rows: [...lostRows, ...deliveredRows] };
}

function rowOf(entry: LedgerEntry, isDelivered: boolean, startNs: number): PageFrame {
  const { frame, copy, flow, length, at, fate } = entry;
  return {
    frame: copy === undefined ? String(frame) : `${frame}, copy ${copy}`,
    flow: flow ?? '',
    length,
    atNs: Math.max(0, at - startNs),
    fate: fate ?? 'none',
    isDelivered,
    way: wayOf(entry),
  };
}
