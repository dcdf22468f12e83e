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
import type { Machine } from '../../machine/machine.js';
import type { Report } from '../../report/report.js';
import { type SinkCapture, SinkCaptures } from '../../report/sinkCaptures.js';
import type { Scenario } from '../../scenario/scenario.js';
import { UsageError } from '../usageError.js';

const REPORT_FILE = 'report.json';
/** Names that `SinkCaptures` gives; nothing else is ever removed. */
const CAPTURE_FILE = /^(?:device|socket|stack)-[^/\\]+\.pcapng$/;

/**
 * The folder of `--out`: a capture for each sink and the report. Other files in it are left alone; captures of an
 * earlier run that its report names are removed, so that what lies there is of one run.
 */
export class OutFolder {
  readonly #path: string;
  #captures: SinkCaptures | undefined;
  #written: SinkCapture[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder, before anything runs. Throws UsageError where there cannot be one. */
  static prepare(path: string): OutFolder {
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
    return new OutFolder(path);
  }

  #removeEarlier(): void {
    for (const file of capturesOfReport(join(this.#path, REPORT_FILE))) {
      rmSync(join(this.#path, file), { force: true });
    }
    rmSync(join(this.#path, REPORT_FILE), { force: true });
  }

  /** Captures what reaches the sinks from now on. Only now, with a machine that can run, is anything removed. */
  startCaptures(machine: Machine): void {
    this.#removeEarlier();
    const { scenario, system, clockOriginMs } = machine;
    const captures = new SinkCaptures(this.#path, scenario, system.sockets, clockOriginMs);
    machine.record({ onSink: captures.write });
    this.#captures = captures;
  }

  finishCaptures(): void {
    this.#written = this.#captures?.close() ?? [];
  }

  /** `report.json`: the object that `--json` prints, the captures and the resolved scenario, which can be run again. */
  writeReport(report: Report, scenario: Scenario): void {
    const document = { ...report, captures: this.#written, scenario };
    writeFileSync(join(this.#path, REPORT_FILE), `${JSON.stringify(document, null, 2)}\n`);
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
