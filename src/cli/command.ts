import type { Io } from './io.js';
import type { OptionTable, OptionValues, ParsedArguments } from './options.js';

/** What the help says of a command. */
interface CommandHelp {
  /** What follows the command's name on a command line. */
  readonly usage: string;
  /** Between the usage and the options. */
  readonly description: string;
}

export interface Command extends CommandHelp {
  readonly options: OptionTable;
  /** Writes to `io`; returns the exit code. */
  run(args: ParsedArguments, io: Io): Promise<number>;
}

/** A command whose `run` gets the values of its own options. */
export function defineCommand<T extends OptionTable>(
  command: CommandHelp & {
    readonly options: T;
    run(values: OptionValues<T>, operands: readonly string[], io: Io): Promise<number>;
  },
): Command {
  return {
    ...command,
    // `parseOptions` has held the values against this table.
    run: ({ values, operands, wrapped = [] }, io) => {
      return command.run(values as OptionValues<T>, [...operands, ...wrapped], io);
    },
  };
}

/** A command by name; its code is loaded when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
