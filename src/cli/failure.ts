import { EXIT } from './exit.js';
import type { Io } from './io.js';

/**
 * Errors that say what is wrong with the command line or with a file that it names. By name: importing the classes would
 * load all of the emulator.
 */
const inputErrors: ReadonlySet<string> = new Set([
  'ArenaFullError',
  'BpfError',
  'BpfObjectError',
  'BpftraceError',
  'BtfError',
  'CaptureError',
  'ElfError',
  'LedgerError',
  'PacketError',
  'ProgramLoadError',
  'RangeError',
  'ScenarioError',
  'SpecError',
  'TrafficError',
  'TypeError',
  'UsageError',
]);

/** Errors whose lines are a message of another tool's, position and marker included: nothing is put before them. */
const quotedErrors: ReadonlySet<string> = new Set(['BpftraceError']);

/** Errors of a run, told from bugs of the command itself. */
const runErrors: ReadonlySet<string> = new Set(['InvariantError', 'WorkerDiedError']);

/** Says what went wrong, a line for each thing, and returns the exit code. `XDPEMU_DEBUG=1` adds the stack. */
export function reportFailure(error: unknown, io: Io): number {
  if (!(error instanceof Error)) {
    io.stderr.write(`xdpemu: ${String(error)}\n`);
    return EXIT.BROKEN;
  }
  const isInput = inputErrors.has(error.name) || isSystemError(error);
  const isExpected = isInput || runErrors.has(error.name);
  const message = isExpected ? error.message : `internal error: ${error.name}: ${error.message}`;
  const prefix = quotedErrors.has(error.name) ? '' : 'xdpemu: ';
  for (const line of message.split('\n')) io.stderr.write(`${prefix}${line}\n`);
  if (io.env['XDPEMU_DEBUG'] === '1' || !isExpected) io.stderr.write(`${stackOf(error)}\n`);
  return isInput ? EXIT.USAGE : EXIT.BROKEN;
}

/** A file or a folder that the system refuses. */
function isSystemError(error: NodeJS.ErrnoException): boolean {
  return error.syscall !== undefined && error.code !== undefined;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}
