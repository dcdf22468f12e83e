import { parseArgs } from 'node:util';
import { closest } from '../scenario/suggest.js';
import { UsageError } from './usageError.js';

/** An option of a command. */
export interface OptionSpec {
  /** What its value is called in the help; an option without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** It may be given several times: its value is the list of all. */
  readonly isRepeatable?: true;
  readonly text: string;
}

/** Options by their long names. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** What a command line said: text for options with a value, true for switches. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]?: T[K] extends { readonly isRepeatable: true }
    ? readonly string[]
    : T[K] extends { readonly value: string }
      ? string
      : true;
};

type OptionValue = string | true | readonly string[];

export interface ParsedArguments {
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly operands: readonly string[];
  /** What follows `--`, where it stands. */
  readonly wrapped?: readonly string[];
}

/** @throws UsageError for an unknown option, a missing or unexpected value, or an option that is given twice. */
export function parseOptions(args: readonly string[], table: OptionTable): ParsedArguments {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value, short }]) => {
      const type = value === undefined ? 'boolean' : 'string';
      return [name, { type, ...(short !== undefined && { short }) } as const];
    }),
  );
  // Not strict: the messages of parseArgs are advice on positionals, and it knows no "did you mean".
  const config = { args: [...args], options, strict: false, allowPositionals: true, tokens: true };
  const { tokens } = parseArgs(config as typeof config & { tokens: true });
  const values = new Map<string, OptionValue>();
  const operands: string[] = [];
  let wrapped: string[] | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') wrapped = [];
    if (token.kind === 'positional') (wrapped ?? operands).push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const spec = Object.hasOwn(table, name) ? table[name]! : unknownOption(rawName, name, table);
    const checked = checkedValue(spec, rawName, value, inlineValue === true);
    values.set(name, withEarlier(spec, rawName, values.get(name), checked));
  }
  return { values: Object.fromEntries(values), operands, ...(wrapped && { wrapped }) };
}

function unknownOption(rawName: string, name: string, table: OptionTable): never {
  const meant = closest(name, Object.keys(table));
  const advice = meant === undefined ? 'see --help' : `did you mean --${meant}?`;
  throw new UsageError(`${rawName}: no such option; ${advice}`);
}

function checkedValue(
  { value: placeholder }: OptionSpec,
  rawName: string,
  value: string | undefined,
  isInline: boolean,
): string | true {
  if (placeholder === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName}: expected no value, found ${JSON.stringify(value)}`);
  }
  // Of "--pcap --json" the one that forgot a value is --pcap; a negative number is for the option to judge.
  const isMissing = value === undefined || (!isInline && /^-\D/.test(value));
  if (isMissing) throw new UsageError(`${rawName}: expected a value: ${rawName} ${placeholder}`);
  return value;
}

/** An option's value after one more mention of it. */
function withEarlier(
  { isRepeatable }: OptionSpec,
  rawName: string,
  earlier: OptionValue | undefined,
  value: string | true,
): OptionValue {
  if (isRepeatable) return [...((earlier as string[] | undefined) ?? []), value as string];
  if (earlier !== undefined) throw new UsageError(`${rawName}: expected once, found twice`);
  return value;
}

/** Room for an option and its placeholder in the help. */
const NAME_WIDTH = 20;

/** The option part of a command's help: one line for each, continued under its text. */
export function describeOptions(table: OptionTable): string {
  return Object.entries(table)
    .map(([name, { value, short, text }]) => {
      const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
      const names = `  ${short === undefined ? '' : `-${short}, `}${long}`;
      const indent = ' '.repeat(NAME_WIDTH + 2);
      const head = names.length > NAME_WIDTH ? `${names}\n${indent}` : names.padEnd(NAME_WIDTH + 2);
      return `${head}${text.replaceAll('\n', `\n${indent}`)}`;
    })
    .join('\n');
}
