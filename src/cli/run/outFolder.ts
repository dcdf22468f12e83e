import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LedgerKeeper } from '../../ledger/keeper.js';
import { LEDGER_FILE, LedgerWriter } from '../../ledger/ledgerFile.js';
import type { Machine } from '../../machine/machine.js';
import type { Report } from '../../report/report.js';
import { SeriesRecorder } from '../../report/series/seriesRecorder.js';
import { SinkCaptures } from '../../report/sinkCaptures.js';
import { StageCapture } from '../../report/stageCapture.js';
import { UsageError } from '../usageError.js';
import type { ObservedRun, RunObserver } from './observer.js';

export const REPORT_FILE = 'report.json';
export const SERIES_FILE = 'series.json';
const STAGES_FILE = 'frames.pcapng';
/** Names that are given here and by `SinkCaptures`; nothing else is ever removed. */
const CAPTURE_FILE = /^(?:(?:device|socket|stack)-[^/\\]+|frames)\.pcapng$/;

interface Ledger {
  readonly keeper: LedgerKeeper;
  readonly writer: LedgerWriter;
}

/** What is recorded of a machine. */
interface Recording {
  readonly captures: SinkCaptures;
  readonly stages: StageCapture;
  readonly series: SeriesRecorder;
  readonly ledger: Ledger | undefined;
}

/**
 * The folder of `--out`: a capture for each sink, one of all stages, the report, what happened over time, and with
 * `--ledger` the ledger. Other files in it are left alone; captures of an earlier run that its report names are removed, so
 * that what lies there is of one run.
 */
export class OutFolder implements RunObserver {
  readonly observe = 'stages';
  readonly #path: string;
  readonly #keepsLedger: boolean;
  #recording: Recording | undefined;

  private constructor(path: string, keepsLedger: boolean) {
    this.#path = path;
    this.#keepsLedger = keepsLedger;
  }

  /** Makes the folder, before anything runs. Throws UsageError where there cannot be one. */
  static prepare(path: string, keepsLedger: boolean): OutFolder {
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found !== undefined && !found.isDirectory()) {
        throw new UsageError(`--out ${path}: expected a directory, found a file`);
      }
      makeFolder(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError(refusal(path, error));
    }
    return new OutFolder(path, keepsLedger);
  }

  #removeEarlier(): void {
    for (const file of capturesOfReport(join(this.#path, REPORT_FILE))) {
      rmSync(join(this.#path, file), { force: true });
    }
    for (const file of [REPORT_FILE, SERIES_FILE, LEDGER_FILE]) {
      rmSync(join(this.#path, file), { force: true });
    }
  }

  /** Captures and counts what happens from now on. Only now, with a machine that can run, is anything removed. */
  start({ machine }: ObservedRun): void {
    this.#removeEarlier();
    const { scenario, system, clockOriginMs, names } = machine;
    const captures = new SinkCaptures(this.#path, scenario, system.sockets, clockOriginMs);
    machine.record({ onSink: captures.write });
    const series = new SeriesRecorder(machine);
    const stages = new StageCapture(join(this.#path, STAGES_FILE), scenario, names, clockOriginMs);
    machine.record(stages.listener);
    const ledger = this.#keepsLedger ? this.#keepLedger(machine) : undefined;
    this.#recording = { captures, stages, series, ledger };
  }

  #keepLedger(machine: Machine): Ledger {
    const writer = new LedgerWriter(join(this.#path, LEDGER_FILE), machine.clockOriginMs);
    const keeper = new LedgerKeeper(machine.names, writer.write);
    machine.record(keeper.listener);
    return { keeper, writer };
  }

  /**
   * `report.json`: the object that `--json` prints, the captures and the resolved scenario, which can be run again;
   * `series.json`: what `xdpemu report` draws.
   */
  finish({ scenario }: ObservedRun, report: Report): void {
    const { captures, stages, series, ledger } = this.#recording!;
    const document = {
      ...report,
      captures: [...captures.close(), { file: STAGES_FILE, packets: stages.close() }],
      ...(ledger && { ledger: LEDGER_FILE }),
      scenario,
    };
    ledger?.keeper.finish();
    ledger?.writer.close();
    writeFileSync(join(this.#path, REPORT_FILE), `${JSON.stringify(document, null, 2)}\n`);
    writeFileSync(join(this.#path, SERIES_FILE), `${JSON.stringify(series.finish())}\n`);
  }
}

/** With its parents. Node.js's own `recursive` tries for ever where the system says ENOENT for good, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(resolve(path)));
  mkdirSync(path);
}

/** What the system says of a folder that cannot be had. */
function refusal(path: string, error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = reasons[code] ?? (error as Error).message;
  return `--out ${path}: expected a directory that can be made and written to, found that ${reason}`;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not (EACCES)',
  EPERM: 'you may not (EPERM)',
  EROFS: 'its file system is read-only (EROFS)',
  ENOENT: 'nothing can be made there (ENOENT)',
  ENOTDIR: 'a part of the path is a file (ENOTDIR)',
};

/** Captures that the report at `path` names; none where it is no report. */
function capturesOfReport(path: string): string[] {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as { captures?: { file?: unknown }[] };
    const files = (report.captures ?? []).map(({ file }) => file);
    return files.filter((file): file is string => {
      return typeof file === 'string' && CAPTURE_FILE.test(file);
    });
  } catch {
    return [];
  }
}
