/**
 * What `JSON.parse` does not say: the place of an error on every version of Node.js, and keys that stand twice. Parsers
 * that do (jsonc-parser, momoa) recurse, so that deep nesting overflows their stack, and do not say what was expected.
 */

/** A place in a text, counted from 1; columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a text stops being JSON. */
export interface JsonErrorPlace extends TextPlace {
  readonly expected: string;
  /** What stands there; empty at the end of the text. */
  readonly found: string;
}

/** A state is what it waits for, in the words of the error message. */
type State =
  | 'a value'
  | 'a value or "]"'
  | 'a key or "}"'
  | 'a key'
  | '":"'
  | '"," or "}"'
  | '"," or "]"'
  | 'the end of the text';

const SPACE = /[ \t\n\r]*/y;
/** All tokens but strings. */
const TOKEN = /[{}[\],:]|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
/** A part of a string's inside; of bounded length, for V8 keeps a stack of what a pattern may have to take back. */
const STRING_PART = /[ !#-[\]-\uffff]{1,4096}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** A token, what was waited for where it stands, and what is after it; undefined where it does not belong. */
interface Step {
  readonly position: number;
  readonly token: string;
  readonly state: State;
  readonly next: State | undefined;
}

/** The tokens of `text` up to the first that does not belong, which the end of the text does not either. */
function* steps(text: string): Generator<Step> {
  const closers: ('}' | ']')[] = [];
  let state: State = 'a value';
  for (let position = 0; ; ) {
    position += matchAt(SPACE, text, position).length;
    const token = tokenAt(text, position);
    const next = step(state, token, closers);
    yield { position, token, state, next };
    if (next === undefined) return;
    state = next;
    position += token.length;
  }
}

/** The first place where `text`, which `JSON.parse` refused, breaks the grammar (RFC 8259). */
export function locateJsonError(text: string): JsonErrorPlace {
  let last: Step | undefined;
  for (const each of steps(text)) last = each;
  const { position, token, state } = last!;
  // Where there is no token, what comes before the next space.
  const found = token === '' ? matchAt(/\S{0,20}/y, text, position) : token;
  return { ...placeOf(text, position), expected: state, found };
}

/** A key that an object has already. */
export interface DuplicateKey extends TextPlace {
  /** Of its value: the key is the last of it. */
  readonly path: readonly (string | number)[];
}

/** An object or an array that is open, and where in it we are. */
interface Container {
  /** Undefined for an array. */
  readonly keys: Set<string> | undefined;
  at: string | number;
}

/** The first key of `text`, which is JSON, that stands twice in its object: `JSON.parse` would take the last. */
export function findDuplicateKey(text: string): DuplicateKey | undefined {
  const open: Container[] = [];
  for (const { position, token, state } of steps(text)) {
    const inner = open.at(-1);
    if (state === 'a key' || state === 'a key or "}"') {
      if (token === '}') open.pop();
      else {
        const key = JSON.parse(token) as string;
        inner!.at = key;
        if (inner!.keys!.has(key)) {
          return { path: open.map(({ at }) => at), ...placeOf(text, position) };
        }
        inner!.keys!.add(key);
      }
    } else if (token === '{') open.push({ keys: new Set(), at: '' });
    else if (token === '[') open.push({ keys: undefined, at: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && typeof inner!.at === 'number') inner!.at++;
  }
  return undefined;
}

function placeOf(text: string, position: number): TextPlace {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** The state after `token`; undefined where it does not belong. `closers` are the brackets that are open. */
function step(state: State, token: string, closers: ('}' | ']')[]): State | undefined {
  const kind = token[0];
  if ((kind === '}' || kind === ']') && state.includes(`"${kind}"`)) {
    closers.pop();
    return afterValue(closers);
  }
  switch (state) {
    case 'a value':
    case 'a value or "]"':
      return valueState(kind, closers);
    case 'a key':
    case 'a key or "}"':
      return kind === '"' ? '":"' : undefined;
    case '":"':
      return kind === ':' ? 'a value' : undefined;
    case '"," or "}"':
      return kind === ',' ? 'a key' : undefined;
    case '"," or "]"':
      return kind === ',' ? 'a value' : undefined;
    default:
      return undefined;
  }
}

function valueState(kind: string | undefined, closers: ('}' | ']')[]): State | undefined {
  if (kind === '{') {
    closers.push('}');
    return 'a key or "}"';
  }
  if (kind === '[') {
    closers.push(']');
    return 'a value or "]"';
  }
  return kind === undefined || '}],:'.includes(kind) ? undefined : afterValue(closers);
}

function afterValue(closers: readonly ('}' | ']')[]): State {
  const closer = closers.at(-1);
  return closer === undefined ? 'the end of the text' : `"," or "${closer}"`;
}

/** The token that starts here; empty where none does. */
function tokenAt(text: string, position: number): string {
  if (text[position] !== '"') return matchAt(TOKEN, text, position);
  let end = position + 1;
  for (;;) {
    const { length } = matchAt(STRING_PART, text, end);
    if (length === 0) break;
    end += length;
  }
  return text[end] === '"' ? text.slice(position, end + 1) : '';
}

function matchAt(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? '';
}
