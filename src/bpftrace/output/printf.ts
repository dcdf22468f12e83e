import type { TypeKind } from '../language/types.js';
import { type Int64, truncate, unsigned } from '../values/int64.js';

const lengths = '(?:hh|h|ll|l|j|z|t)?';
const conversion = new RegExp(`%(-?)([0-9]*)(?:\\.([0-9]+))?(${lengths}[duoxXp]|[sc])`, 'g');

/** What is wrong with a format for arguments of these types; undefined where nothing is. */
export function formatFault(format: string, kinds: readonly TypeKind[]): string | undefined {
  const found = [...format.matchAll(conversion)].map(([, , , , name]) => name!);
  if (found.length !== kinds.length) {
    const many = kinds.length < found.length ? 'Not enough' : 'Too many';
    const counts = `${kinds.length} supplied, ${found.length} expected`;
    return `${many} arguments for format string (${counts})`;
  }
  for (const [index, name] of found.entries()) {
    const wanted = name === 's' ? 'string' : 'integer';
    const kind = printedKind(kinds[index]!);
    if (kind !== wanted) {
      return `%${name} specifier expects a value of type ${wanted} (${kind} supplied)`;
    }
  }
  return undefined;
}

function printedKind(kind: TypeKind): TypeKind {
  if (kind === 'probe' || kind === 'timestamp') return 'string';
  return kind === 'pointer' ? 'integer' : kind;
}

/** Makes what prints by `format`, which `formatFault` has found right. */
export function compileFormat(format: string): (values: readonly (Int64 | string)[]) => string {
  const parts: { readonly before: string; readonly print: (value: Int64 | string) => string }[] =
    [];
  let end = 0;
  for (const match of format.matchAll(conversion)) {
    // bpftrace gives each conversion with the text before it to printf, and what is after the last one to nobody.
    const before = format.slice(end, match.index).replaceAll('%%', '%');
    parts.push({ before, print: printerOf(match) });
    end = match.index + match[0].length;
  }
  const rest = format.slice(end);
  return (values) => {
    let text = '';
    for (const [index, { before, print }] of parts.entries())
      text += before + print(values[index]!);
    return text + rest;
  };
}

function printerOf([, left, width, precision, name]: RegExpMatchArray) {
  const isLeft = left === '-';
  const isZero = width!.startsWith('0') && !isLeft && precision === undefined;
  const columns = Number(width);
  const convert = name === 's' ? cutter(precision) : integerPrinter(name!, precision);
  return (value: Int64 | string): string => {
    const text = convert(value as never);
    if (isLeft) return text.padEnd(columns);
    if (!isZero || name === 's' || name === 'c' || text === '(nil)') return text.padStart(columns);
    const [, prefix, digits] = /^(-|0x)?(.*)$/.exec(text)!;
    return (prefix ?? '') + digits!.padStart(columns - (prefix ?? '').length, '0');
  };
}

function cutter(precision: string | undefined): (value: string) => string {
  const length = precision === undefined ? undefined : Number(precision);
  return (value) => value.slice(0, length);
}

/** Bits that C reads of the argument, by what stands before the letter. */
const bitsOf: Readonly<Record<string, number>> = { hh: 8, h: 16, '': 32 };

function integerPrinter(name: string, precision: string | undefined): (value: Int64) => string {
  const letter = name.at(-1)!;
  const bits = letter === 'p' ? 64 : (bitsOf[name.slice(0, -1)] ?? 64);
  const digits = Number(precision ?? 0);
  if (letter === 'c') return (value) => String.fromCharCode(Number(cut(value, 8, false)));
  return (value) => {
    const number = cut(value, bits, letter === 'd');
    if (letter === 'p' && number === 0) return '(nil)';
    if (precision !== undefined && digits === 0 && number === 0) return '';
    const text = (number < 0 ? -number : number).toString(bases[letter] ?? 10);
    const sign = number < 0 ? '-' : letter === 'p' ? '0x' : '';
    return sign + (letter === 'X' ? text.toUpperCase() : text).padStart(digits, '0');
  };
}

const bases: Readonly<Record<string, number>> = { x: 16, X: 16, p: 16, o: 8 };

function cut(value: Int64, bits: number, isSigned: boolean): Int64 {
  if (bits === 64) return isSigned ? value : unsigned(value);
  return truncate(value, bits / 8, isSigned);
}
