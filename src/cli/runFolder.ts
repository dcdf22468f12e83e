import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Report } from '../report/report.js';
import { SERIES_VERSION, type SeriesDocument, seriesSchema } from '../report/series/document.js';
import { parseJson, parseScenario } from '../scenario/parse.js';
import type { Scenario } from '../scenario/scenario.js';
import { onlyOperand } from './arguments.js';
import { REPORT_FILE, SERIES_FILE } from './run/outFolder.js';
import { UsageError } from './usageError.js';

/** The folder of a run that a command is given, `xdpemu NAME DIR`. Throws UsageError. */
export function folderOperand(command: string, operands: readonly string[]): string {
  const missing = `expected the folder of a run: xdpemu ${command} DIR, made by run --out DIR`;
  return onlyOperand(operands, 'folder', missing);
}

/** As much of a report as is read here. */
const reportSchema = v.looseObject({
  kernel: v.picklist(['6.18', '6.1']),
  seed: v.number(),
  elapsedNs: v.number(),
  stoppedBy: v.nullable(v.string()),
  frames: v.looseObject({ received: v.number(), fates: v.record(v.string(), v.number()) }),
  faults: v.array(v.unknown()),
  deaths: v.array(v.unknown()),
  sockets: v.array(
    v.looseObject({
      name: v.string(),
      rxFillRingEmptyDescs: v.number(),
      rxRingFull: v.number(),
    }),
  ),
  scenario: v.unknown(),
});

const versionSchema = v.looseObject({ version: v.number() });

/** A run's report and the scenario that it ran. */
export interface RecordedRun {
  readonly report: Report;
  readonly scenario: Scenario;
}

/** Whether the run in `folder` came to its end. */
export function hasReport(folder: string): boolean {
  return existsSync(join(folder, REPORT_FILE));
}

/** @throws UsageError, ScenarioError where the folder is none of a run of this version */
export function readReport(folder: string): RecordedRun {
  const file = join(folder, REPORT_FILE);
  const found = readJson(file);
  const { scenario } = checked(reportSchema, found, file);
  return { report: found as Report, scenario: parseScenario(scenario, file) };
}

/** @throws UsageError */
export function readSeries(folder: string): SeriesDocument {
  const file = join(folder, SERIES_FILE);
  const found = readJson(file);
  const { version } = checked(versionSchema, found, file);
  if (version !== SERIES_VERSION) {
    throw new UsageError(
      `${file}: expected version ${SERIES_VERSION}, found ${version}: run it again with this xdpemu`,
    );
  }
  return checked(seriesSchema, found, file);
}

function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw new UsageError(`${file}: expected a file, found none: xdpemu run --out DIR writes it`);
  }
  return parseJson(readFileSync(file, 'utf8'), file);
}

function checked<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  file: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [{ path, expected, received }] = result.issues;
  const at = (path ?? []).map(({ key }) => String(key)).join('.');
  throw new UsageError(
    `${file}: expected what xdpemu run --out writes; ${at === '' ? 'it' : at} is ${received}, not ${expected}`,
  );
}
