#!/usr/bin/env node
import { closest } from '../scenario/suggest.js';
import { commands } from './commands.js';
import { EXIT } from './exit.js';
import { reportFailure } from './failure.js';
import { commandHelp, commonOptions, mainHelp } from './help.js';
import { type Io, tolerateClosedPipes } from './io.js';
import { parseOptions } from './options.js';
import { UsageError } from './usageError.js';
import { packageVersion } from './version.js';

/** Runs the command that `args` name; returns the exit code. */
async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.stderr.write(mainHelp(commands));
    return EXIT.USAGE;
  }
  if (name === '--version' || name === '-v') {
    io.stdout.write(`${packageVersion()}\n`);
    return EXIT.DONE;
  }
  if (name === '--help' || name === '-h' || name === 'help') return await help(rest[0], io);
  const command = await find(name).load();
  const parsed = parseOptions(rest, { ...command.options, ...commonOptions });
  if (parsed.values['help'] === true) return await help(name, io);
  return await command.run(parsed, io);
}

async function help(name: string | undefined, io: Io): Promise<number> {
  const text = name === undefined ? mainHelp(commands) : commandHelp(name, await find(name).load());
  io.stdout.write(text);
  return EXIT.DONE;
}

function find(name: string) {
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const what = name.startsWith('-') ? 'no such option' : 'no such command';
  throw new UsageError(`${name}: ${what}; ${adviceFor(name)}`);
}

function adviceFor(name: string): string {
  if (/\.\w+$/.test(name)) return `to run a file: xdpemu run ${name}`;
  const names = commands.map((command) => command.name);
  const meant = closest(name, names);
  return meant === undefined ? 'see xdpemu --help' : `did you mean "${meant}"?`;
}

/** For what was written to reach a slow reader. */
const FLUSH_MS = 500;

const io: Io = { stdout: process.stdout, stderr: process.stderr, env: process.env };
tolerateClosedPipes(io);
try {
  process.exitCode = await main(process.argv.slice(2), io);
} catch (error) {
  process.exitCode = reportFailure(error, io);
  // A module that failed may have left something behind that would keep the process alive.
  setTimeout(() => process.exit(), FLUSH_MS).unref();
}
