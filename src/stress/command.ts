import { stressText } from './report.js';
import { runStress } from './stress.js';

/** `xdpemu stress`. */
export const stressCommand = {
  usage: '[options]',
  description: `Real worker threads under load, while map entries are replaced, resized and deleted, devices go down,
sockets close and consumers stall. Checks that every frame meets one fate, that flows stay in order at every
target, that nothing is delivered twice and that nothing leaks.`,
  options: {
    duration: { value: 'S', text: 'seconds that frames flow; 10 by default' },
    frames: { value: 'N', text: 'frames that come in, instead of a duration' },
    seed: { value: 'N', text: 'seed of flows and disturbances; 1 by default' },
    rx: { value: 'N', text: 'receive workers; 2 by default' },
    cpus: { value: 'N', text: 'CPUs of the cpumap; 4 by default' },
    json: { text: 'print one JSON object' },
  },
  run: runCommand,
} as const;

interface Arguments {
  readonly values: Readonly<Record<string, string | true>>;
  readonly operands: readonly string[];
}

interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

const EXIT = { PASSED: 0, BROKEN: 1 } as const;
const DURATION_S = 10;
/** More than any machine has: the pool's threads are the real limit. */
const WORKERS_MAX = 128;

/** @throws RangeError for arguments that make no sense. */
async function runCommand({ values, operands }: Arguments, io: Output): Promise<number> {
  if (operands.length > 0) throw new RangeError(`stress takes no operands, found ${operands[0]}`);
  if (values['duration'] !== undefined && values['frames'] !== undefined)
    throw new RangeError('expected --duration or --frames, found both');
  const frames = number(values, 'frames', 1, Number.MAX_SAFE_INTEGER);
  const durationS = number(values, 'duration', 0.1, 1e6, false) ?? DURATION_S;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    const report = await runStress({
      ...(frames === undefined ? { durationMs: durationS * 1000 } : { frames }),
      seed: number(values, 'seed', 0, 2 ** 32 - 1) ?? 1,
      rx: number(values, 'rx', 1, WORKERS_MAX) ?? 2,
      cpus: number(values, 'cpus', 1, WORKERS_MAX) ?? 4,
      signal: interrupted.signal,
      ...(io.stderr.isTTY && { onProgress: progressLine(io) }),
    });
    if (io.stderr.isTTY) io.stderr.write('\r\x1b[K');
    io.stdout.write(values['json'] === true ? `${JSON.stringify(report)}\n` : stressText(report));
    return report.failures.length === 0 ? EXIT.PASSED : EXIT.BROKEN;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function progressLine({ stderr }: Output) {
  return ({ received, elapsedNs }: { received: number; elapsedNs: number }) => {
    stderr.write(`\r\x1b[K${(elapsedNs / 1e9).toFixed(1)} s, ${received} frames`);
  };
}

function number(
  values: Arguments['values'],
  name: string,
  min: number,
  max: number,
  isInteger = true,
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  const isGood =
    text !== '' && value >= min && value <= max && (!isInteger || Number.isInteger(value));
  if (!isGood) {
    const kind = isInteger ? 'a whole number' : 'a number';
    throw new RangeError(`--${name}: expected ${kind} from ${min} to ${max}, found ${text}`);
  }
  return value;
}
