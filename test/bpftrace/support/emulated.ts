import { Parameters } from '../../../src/bpftrace/check/parameters.js';
import { BpftraceError } from '../../../src/bpftrace/language/diagnostic.js';
import type { OutputFormat } from '../../../src/bpftrace/output/output.js';
import { textFormat } from '../../../src/bpftrace/output/text.js';
import { BpftraceProgram } from '../../../src/bpftrace/program.js';
import { BpftraceSession, type TracepointHit } from '../../../src/bpftrace/session.js';
import { xdpEventsOf } from '../../../src/trace/tracepoints.js';

export interface Emulation {
  readonly format?: OutputFormat;
  readonly version?: number;
  readonly parameters?: readonly string[];
  readonly hits?: readonly TracepointHit[];
  readonly lost?: number;
  readonly isQuiet?: boolean;
}

export interface Emulated {
  readonly isRefused: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with no machine: each interval fires once after the hits. */
export function emulate(
  text: string,
  {
    format = textFormat,
    version = 618,
    parameters = [],
    hits = [],
    lost = 0,
    isQuiet = false,
  }: Emulation = {},
): Emulated {
  let stdout = '';
  const given = new Parameters(parameters);
  const write = (more: string): void => {
    stdout += more;
  };
  const host = {
    format,
    parameters: given,
    clockOriginMs: 0,
    nowNs: () => 1e9,
    write,
    stop: () => {},
  };
  try {
    const program = new BpftraceProgram({ name: 'stdin', text });
    const checked = program.check({ events: xdpEventsOf(version), parameters: given });
    const session = new BpftraceSession(checked, host);
    session.begin({ isQuiet });
    for (const hit of hits) session.hit(hit);
    for (const { fire } of session.intervals) fire();
    session.end({ lost });
    return { isRefused: false, stdout, stderr: program.warningText(checked) };
  } catch (error) {
    if (!(error instanceof BpftraceError)) throw error;
    return { isRefused: true, stdout, stderr: `${error.message}\n` };
  }
}
