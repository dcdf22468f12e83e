import { readFileSync } from 'node:fs';
import { Parameters } from '../../bpftrace/check/parameters.js';
import type { SourceText } from '../../bpftrace/language/diagnostic.js';
import { jsonFormat } from '../../bpftrace/output/json.js';
import type { OutputFormat } from '../../bpftrace/output/output.js';
import { textFormat } from '../../bpftrace/output/text.js';
import { BpftraceProgram } from '../../bpftrace/program.js';
import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { Tracer } from './tracer.js';

const DESCRIPTION = `
Runs a bpftrace program on the tracepoints of a run, and prints what bpftrace prints:

  xdpemu trace -e 'tracepoint:xdp:* { @cnt[probe] = count(); }' -- run PROGRAM

Probes: tracepoint:xdp:NAME (NAME may have *), interval:s|ms|us|hz:N, BEGIN, END. The run's own
summary goes to standard error.
`;

export const traceCommand = defineObserver({
  usage: "-e 'PROGRAM' | FILE.bt [$1 $2 ...]",
  description: DESCRIPTION,
  options: {
    program: { value: 'PROGRAM', short: 'e', text: 'the program' },
    format: { value: 'FORMAT', short: 'f', text: 'text (default) or json' },
    output: { value: 'FILE', short: 'o', text: 'write what the program prints to FILE' },
    quiet: { short: 'q', text: 'do not say how many probes are attached' },
  },
  observe: ({ program, format, output, quiet }, operands) => {
    const [source, parameters] = sourceOf(program, operands);
    return new Tracer(new BpftraceProgram(source), {
      parameters: new Parameters(parameters),
      format: formatOf(format),
      outputFile: output,
      isQuiet: quiet === true,
    });
  },
});

/** The program and its positional parameters. */
function sourceOf(
  program: string | undefined,
  operands: readonly string[],
): [SourceText, readonly string[]] {
  if (program !== undefined) return [{ name: 'stdin', text: program }, operands];
  const [file, ...parameters] = operands;
  if (file === undefined) throw new UsageError("expected -e 'PROGRAM' or FILE.bt, found neither");
  return [{ name: file, text: readFileSync(file, 'utf8') }, parameters];
}

function formatOf(name = 'text'): OutputFormat {
  if (name === 'text') return textFormat;
  if (name === 'json') return jsonFormat;
  throw new UsageError(`--format: expected text or json, found ${name}`);
}
