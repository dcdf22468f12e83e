import type { Command } from '../command.js';
import type { Io } from '../io.js';
import { type OptionTable, type OptionValues, parseOptions } from '../options.js';
import { UsageError } from '../usageError.js';
import { runArguments, runOptions } from './arguments.js';
import type { RunObserver } from './observer.js';
import { run } from './run.js';

interface ObserverCommand<T extends OptionTable> {
  /** What stands between the command's name and `--`. */
  readonly usage: string;
  readonly description: string;
  readonly options: T;
  /** Makes what watches the run. Throws UsageError. */
  observe(values: OptionValues<T>, operands: readonly string[], io: Io): RunObserver;
}

/** A command that watches a run: `xdpemu NAME [options] -- run PROGRAM [options of run]`. */
export function defineObserver<T extends OptionTable>({
  usage,
  description,
  options,
  observe,
}: ObserverCommand<T>): Command {
  return {
    usage: `${usage === '' ? '' : `${usage} `}-- run PROGRAM|SCENARIO.json [options of run]`,
    description,
    options,
    run: async ({ values, operands, wrapped }, io) => {
      // `parseOptions` has held the values against this table.
      const observer = observe(values as OptionValues<T>, operands, io);
      return await run(wrappedRun(wrapped), io, observer);
    },
  };
}

/** @throws UsageError */
function wrappedRun(wrapped: readonly string[] | undefined) {
  const [name, ...args] = wrapped ?? [];
  if (name !== 'run') {
    const found = name === undefined ? 'nothing' : name;
    throw new UsageError(`expected -- run PROGRAM|SCENARIO.json at the end, found ${found}`);
  }
  const { values, operands, wrapped: more = [] } = parseOptions(args, runOptions);
  return runArguments(values as OptionValues<typeof runOptions>, [...operands, ...more]);
}
