/** One thing that is wrong with a document, and where. */
export interface ScenarioIssue {
  /** Place in the document, `devices[1].mtu`; for text that is no JSON `line 3, column 14`; empty for the whole. */
  readonly path: string;
  /** Completes "expected ...". */
  readonly expected: string;
  /** Completes "found ...". */
  readonly found: string;
}

/** A document that is no scenario. The message has one line for each issue. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** All that was found wrong; never empty. */
  readonly issues: readonly ScenarioIssue[];

  /** @param source what the document is called in the message: its file name, as a rule. */
  constructor(source: string, issues: readonly ScenarioIssue[]) {
    super(issues.map((issue) => `${source}: ${lineOf(issue)}`).join('\n'));
    this.issues = issues;
  }
}

function lineOf({ path, expected, found }: ScenarioIssue): string {
  return `${path === '' ? '' : `${path}: `}expected ${expected}, found ${found}`;
}

export type PathKey = string | number;

/** `['devices', 1, 'mtu']` as `devices[1].mtu`. */
export function formatPath(keys: readonly PathKey[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(key)) path += `[${JSON.stringify(key)}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

const SHOWN_LENGTH_MAX = 60;

/** A value as it reads in "found ...": short, and safe for anything that a module may export. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const short =
      value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}...` : value;
    return JSON.stringify(short);
  }
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
