import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PerfDataSummary, PerfSample } from '../../src/perfData/writer.js';
import { PerfDataWriter } from '../../src/perfData/writer.js';
import type { TracepointInfo } from '../../src/trace/tracepoints.js';
import { withFolder } from '../cli/support/cli.js';

const recording = {
  hostname: 'hôst',
  osRelease: '6.18',
  version: 'test',
  arch: 'x86_64',
  nrCpus: 4,
  cmdline: ['xdpemu', 'record', 'a b', ''],
};

/** A sample whose fields are those given, or 0. */
export function sampleOf(
  info: TracepointInfo,
  fields: Readonly<Record<string, number>> = {},
  more: Partial<PerfSample> = {},
): PerfSample {
  const all = Object.fromEntries(info.fields.map(({ name }) => [name, fields[name] ?? 0]));
  return { info, timeNs: 1e9, cpu: 0, pid: 0, comm: '', fields: all, ...more };
}

/** Writes a file of `samples` and gives its path and bytes to `use`. */
export async function withPerfData<T>(
  events: readonly TracepointInfo[],
  samples: Iterable<PerfSample>,
  use: (written: { path: string; bytes: Buffer; summary: PerfDataSummary }) => T,
): Promise<T> {
  return await withFolder((folder) => {
    const path = join(folder, 'perf.data');
    const writer = new PerfDataWriter(openSync(path, 'w'), events, recording);
    for (const sample of samples) writer.write(sample);
    const summary = writer.close();
    return use({ path, bytes: readFileSync(path), summary });
  });
}
