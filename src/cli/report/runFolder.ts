import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Report } from '../../report/report.js';
import { SERIES_VERSION, type SeriesDocument, seriesSchema } from '../../report/series/document.js';
import { parseJson, parseScenario } from '../../scenario/parse.js';
import type { Scenario } from '../../scenario/scenario.js';
import { REPORT_FILE, SERIES_FILE } from '../run/outFolder.js';
import { UsageError } from '../usageError.js';

/** What a run left in its folder. */
export interface RunFolder {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly series: SeriesDocument;
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

/** @throws UsageError, ScenarioError where the folder is none of a run of this version */
export function readRunFolder(folder: string): RunFolder {
  const reportFile = join(folder, REPORT_FILE);
  const found = readJson(reportFile);
  const report = checked(reportSchema, found, reportFile);
  const scenario = parseScenario(report.scenario, reportFile);
  return { report: found as Report, scenario, series: readSeries(join(folder, SERIES_FILE)) };
}

function readSeries(file: string): SeriesDocument {
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
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
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
