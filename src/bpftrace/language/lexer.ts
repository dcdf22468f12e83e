import { type Int64, int64 } from '../values/int64.js';
import { SyntaxFault } from './diagnostic.js';
import type { Position, Span } from './span.js';
import { builtinNames, callNames, keywords } from './words.js';

/** What a token is, in the words of messages: signs and keywords are themselves. */
export interface Token {
  readonly kind: string;
  /** As written; of a string, what it says. */
  readonly text: string;
  /** Of an integer. */
  readonly value: Int64;
  readonly span: Span;
}

const patterns = {
  space: /[ \t\r\n]+/y,
  hashBang: /^#!.*/y,
  lineComment: /\/\/.*/y,
  identifier: /[_a-zA-Z][_a-zA-Z0-9]*/y,
  number:
    /0[xX][0-9a-fA-F]+|[0-9](?:[0-9_]*[0-9])?(?:u?ll?|u)?(?:[eE][0-9](?:[0-9_]*[0-9])?(?:u?ll?|u)?)?/iy,
  path: /:(?:\\.|[-_./a-zA-Z0-9#*])+/y,
  map: /@(?:[_a-zA-Z][_a-zA-Z0-9]*)?/y,
  variable: /\$[_a-zA-Z][_a-zA-Z0-9]*/y,
  parameter: /\$[0-9]+/y,
  directive: /#[^!\n].*/y,
  // A slash that another one or a block follows ends a filter.
  endOfFilter: /\/(?=[ \t\r\n]*[/{])/y,
  sign: /\$#|<<=|>>=|[-+*/%&|^=!<>]=|<<|>>|&&|\|\||\+\+|--|->|[-+*/%&|^=!<>~.,:;?{}[\]()]/y,
} as const;

type PatternName = keyof typeof patterns;

/**
 * Cuts a program into tokens as bpftrace's scanner does. As there, a token's span begins after the white space before it:
 * what is written together is marked together.
 */
export class Lexer {
  readonly #text: string;
  #index = 0;
  #begin: Position = { line: 1, column: 1 };
  #end: Position = { line: 1, column: 1 };

  constructor(text: string) {
    this.#text = text;
  }

  /** @throws SyntaxFault */
  next(): Token {
    this.#skip();
    if (this.#index >= this.#text.length) return this.#token('end of file', '');
    const word = this.#match('identifier');
    if (word !== undefined) return this.#token(wordKind(word), word);
    for (const kind of ['path', 'map', 'variable'] as const) {
      const text = this.#match(kind);
      if (text !== undefined) return this.#token(kind, text);
    }
    return this.#number() ?? this.#string() ?? this.#sign();
  }

  #skip(): void {
    for (;;) {
      if (this.#match('space') !== undefined) {
        this.#begin = this.#end;
        continue;
      }
      const isAtLineStart = this.#index === 0 || this.#text[this.#index - 1] === '\n';
      if (isAtLineStart && this.#match('hashBang') !== undefined) continue;
      if (this.#match('lineComment') !== undefined) continue;
      if (!this.#text.startsWith('/*', this.#index)) return;
      const close = this.#text.indexOf('*/', this.#index + 2);
      this.#advance(close < 0 ? this.#text.length : close + 2);
      if (close < 0) throw new SyntaxFault(this.#span, 'end of file during comment');
    }
  }

  #number(): Token | undefined {
    const text = this.#match('number');
    if (text === undefined) return undefined;
    const value = integerOf(text);
    if (typeof value === 'string') throw new SyntaxFault(this.#span, value);
    return { ...this.#token('integer', text), value };
  }

  #string(): Token | undefined {
    if (this.#text[this.#index] !== '"') return undefined;
    let value = '';
    let index = this.#index + 1;
    for (;;) {
      const char = this.#text[index];
      if (char === '"') break;
      if (char === undefined || char === '\n') {
        this.#advance(index);
        throw new SyntaxFault(this.#span, 'unterminated string');
      }
      if (char !== '\\') {
        value += char;
        index++;
        continue;
      }
      const found = escapeAt(this.#text, index + 1);
      this.#advance(index + 1 + (found?.length ?? 1));
      if (found === undefined) {
        const text = this.#text.slice(index, index + 2);
        throw new SyntaxFault(this.#span, `invalid escape character '${text}'`);
      }
      value += found.char;
      index += 1 + found.length;
    }
    this.#advance(index + 1);
    return this.#token('string', value);
  }

  #sign(): Token {
    const parameter = this.#match('parameter');
    if (parameter !== undefined) return this.#token('positional parameter', parameter);
    const directive = this.#match('directive');
    if (directive !== undefined) return this.#token('preprocessor directive', directive);
    const end = this.#match('endOfFilter');
    if (end !== undefined) return this.#token('end predicate', end);
    const sign = this.#match('sign');
    if (sign !== undefined) return this.#token(sign, sign);
    const found = this.#text[this.#index]!;
    this.#advance(this.#index + 1);
    throw new SyntaxFault(this.#span, `invalid character '${found}'`);
  }

  #match(name: PatternName): string | undefined {
    const pattern = patterns[name];
    pattern.lastIndex = this.#index;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined) return undefined;
    this.#advance(this.#index + text.length);
    return text;
  }

  #advance(index: number): void {
    const lines = this.#text.slice(this.#index, index).split('\n');
    const last = lines.at(-1)!.length;
    const { line, column } = this.#end;
    this.#end = {
      line: line + lines.length - 1,
      column: lines.length === 1 ? column + last : last + 1,
    };
    this.#index = index;
  }

  #token(kind: string, text: string): Token {
    return { kind, text, value: 0, span: this.#span };
  }

  get #span(): Span {
    return { begin: this.#begin, end: this.#end };
  }
}

function wordKind(word: string): string {
  if (keywords.has(word)) return word;
  if (builtinNames.has(word)) return 'builtin';
  return callNames.has(word) ? 'call' : 'identifier';
}

/** The value of an integer, or what is wrong with it. */
function integerOf(text: string): Int64 | string {
  const digits = text.replaceAll('_', '');
  if (/^0x/i.test(digits)) return checked(BigInt(digits));
  const [coefficient, exponent] = digits.toLowerCase().split('e').map(digitsOf);
  if (exponent === undefined) return checked(coefficient!);
  if (coefficient! > 9n) {
    return `Coefficient part of scientific literal must be in range (0,9), got: ${coefficient}`;
  }
  if (exponent > 16n) return `Exponent will overflow integer range: ${exponent}`;
  return int64(coefficient! * 10n ** exponent);
}

/** Octal where it starts with 0, as in C. */
function digitsOf(text: string): bigint {
  const digits = text.replace(/[ul]+$/i, '');
  return BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

function checked(value: bigint): Int64 | string {
  return value < 1n << 64n ? int64(value) : `${value} does not fit in 64 bits`;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** What the escape whose backslash is before `index` stands for, and its length without the backslash. */
function escapeAt(
  text: string,
  index: number,
): { readonly char: string; readonly length: number } | undefined {
  const [code] = /^(?:[0-7]{1,3}|[xX][0-9a-fA-F]{1,2})/.exec(text.slice(index, index + 3)) ?? [];
  if (code !== undefined) {
    const value = /^x/i.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
    if (value > 255) return undefined;
    return { char: String.fromCharCode(value), length: code.length };
  }
  const char = escapes[text[index] ?? ''];
  return char === undefined ? undefined : { char, length: 1 };
}
