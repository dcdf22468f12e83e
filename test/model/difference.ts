/** Where two results part, in terms of the trace that a reader has before him. */
export interface Place {
  /** Line of a map trace's file; the header is line 1. */
  readonly line?: number;
  /** Frame of a redirect trace. */
  readonly frame?: number;
  /** Batch of a redirect trace at whose end it was seen. */
  readonly flush?: number;
  /** The field, such as `errno` or `events[12].err`. */
  readonly path: string;
}

export interface Difference extends Place {
  readonly expected: unknown;
  readonly found: unknown;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

export function describeDifference(difference: Difference): string {
  const { line, frame, flush, path, expected, found } = difference;
  const where = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(frame === undefined ? [] : [`frame ${frame}`]),
    ...(flush === undefined ? [] : [`end of batch ${flush}`]),
    path,
  ];
  return `${where.join(', ')}: expected ${show(expected)}, found ${show(found)}`;
}

export type Path = readonly (string | number)[];

export interface Parting {
  readonly path: Path;
  readonly expected: unknown;
  readonly found: unknown;
}

export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * The first place where two JSON values part, in the order of the expected value's members. A member that is undefined
 * is no member.
 */
export function firstParting(
  expected: unknown,
  found: unknown,
  path: Path = [],
): Parting | undefined {
  if (!isObject(expected) || !isObject(found) || Array.isArray(expected) !== Array.isArray(found)) {
    return Object.is(expected, found) ? undefined : { path, expected, found };
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const member = Array.isArray(expected) ? Number(key) : key;
    const parting = firstParting(expected[key], found[key], [...path, member]);
    if (parting) return parting;
  }
  return undefined;
}
