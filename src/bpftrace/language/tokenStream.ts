import { SyntaxFault } from './diagnostic.js';
import { Lexer, type Token } from './lexer.js';
import type { Position, Span } from './span.js';

/** The tokens of a program, read when they are needed: an error before a bad token is said before that one. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #ahead: Token[] = [];
  /** Where the last token that was taken ends. */
  #taken: Position = { line: 1, column: 1 };

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  peek(distance = 0): Token {
    while (this.#ahead.length <= distance) this.#ahead.push(this.#lexer.next());
    return this.#ahead[distance]!;
  }

  is(...kinds: readonly string[]): boolean {
    return kinds.includes(this.peek().kind);
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    this.#taken = token.span.end;
    return token;
  }

  takeIf(...kinds: readonly string[]): Token | undefined {
    return this.is(...kinds) ? this.take() : undefined;
  }

  /** @throws SyntaxFault where the next token is none of `kinds` */
  expect(...kinds: readonly string[]): Token {
    return this.takeIf(...kinds) ?? this.fail(...kinds);
  }

  /** @throws SyntaxFault: what comes next is not what may come here. */
  fail(...expected: readonly string[]): never {
    const { kind, span } = this.peek();
    const names = expected.map(quoted).join(' or ');
    const advice = expected.length === 0 ? '' : `, expecting ${names}`;
    throw new SyntaxFault(span, `syntax error, unexpected ${quoted(kind)}${advice}`);
  }

  get end(): Position {
    return this.#taken;
  }

  /** From `begin` to what was taken last. */
  spanFrom({ begin }: Span): Span {
    return { begin, end: this.#taken };
  }
}

/** bpftrace's parser quotes a comma, and nothing else. */
const quoted = (kind: string): string => (kind === ',' ? '","' : kind);
