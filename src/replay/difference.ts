/** Where two results part, in terms of the trace that a reader has before him. */
export interface Place {
  /** Line of a map trace's file; the header is line 1. */
  readonly line?: number;
  /** Frame of a redirect trace. */
  readonly frame?: number;
  /** Batch of a redirect trace, at whose end it happened. */
  readonly flush?: number;
  /** The member, such as `errno` or `events[12].err`. */
  readonly path: string;
}

export interface Difference extends Place {
  readonly expected: unknown;
  readonly found: unknown;
}

/** A difference inside a value: `path` is relative to it, empty where the whole differs. */
export interface Deviation {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The first member in which two JSON values differ, in the order of `expected`. An undefined member is an absent one. */
export function findDeviation(expected: unknown, found: unknown): Deviation | undefined {
  if (
    !isContainer(expected) ||
    !isContainer(found) ||
    Array.isArray(expected) !== Array.isArray(found)
  ) {
    return expected === found ? undefined : { path: '', expected, found };
  }
  for (const key of Object.keys({ ...expected, ...found })) {
    const inside = findDeviation(expected[key], found[key]);
    if (inside === undefined) continue;
    return { ...inside, path: joinPath(Array.isArray(expected) ? `[${key}]` : key, inside.path) };
  }
  return undefined;
}

/** `a` and `b`, `a.b`; `a` and `[0].b`, `a[0].b`. */
export function joinPath(outer: string, inner: string): string {
  return inner === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`;
}

export function isEqual(expected: unknown, found: unknown): boolean {
  return findDeviation(expected, found) === undefined;
}

/** `frame 12, events[3].err: expected -6, found 0` */
export function describeDifference(difference: Difference): string {
  const { line, frame, flush, path, expected, found } = difference;
  const where = [
    line === undefined ? [] : `line ${line}`,
    frame === undefined ? [] : `frame ${frame}`,
    flush === undefined ? [] : `end of batch ${flush}`,
    path,
  ].flat();
  return `${where.join(', ')}: expected ${show(expected)}, found ${show(found)}`;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
