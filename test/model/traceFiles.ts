import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type TraceKind = 'maps' | 'redirect';

export interface TraceFile {
  readonly name: string;
  readonly text: string;
}

/** The tests run from `dist/test/model`. */
const ROOT = resolve(import.meta.dirname, '../../..');
const { XDPEMU_SHARED } = process.env;
const BUNDLED = join(ROOT, 'test/kernel/traces');
const SHARED = join(XDPEMU_SHARED ?? resolve(ROOT, '../shared'), 'kernel-traces');

function filesIn(folder: string): TraceFile[] {
  const names = readdirSync(folder).filter((name) => /\.jsonl?$/.test(name));
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** The few recordings that are part of the repository. */
export function bundledTraces(kind: TraceKind): TraceFile[] {
  return filesIn(join(BUNDLED, kind));
}

/** All recordings, where `XDPEMU_SHARED` (`../shared` by default) has them; else none, and a message. */
export function sharedTraces(kind: TraceKind): TraceFile[] {
  const folder = join(SHARED, kind);
  if (existsSync(folder)) return filesIn(folder);
  console.log(`skipped: all recorded ${kind} traces (no ${folder}; set XDPEMU_SHARED)`);
  return [];
}
