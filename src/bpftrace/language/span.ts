/** A place in a program's text: line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What a message is about: from `begin` up to and without `end`. */
export interface Span {
  readonly begin: Position;
  readonly end: Position;
}

export function spanOf(first: Span, last: Span): Span {
  return { begin: first.begin, end: last.end };
}
