/** Where a text stops being JSON. */
export interface JsonErrorPlace {
  /** Counted from 1; columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;
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

/** The first place where `text`, which `JSON.parse` refused, breaks the grammar (RFC 8259). */
export function locateJsonError(text: string): JsonErrorPlace {
  const closers: ('}' | ']')[] = [];
  let state: State = 'a value';
  for (let position = 0; ; ) {
    position += matchAt(SPACE, text, position).length;
    const token = tokenAt(text, position);
    const next = step(state, token, closers);
    if (next === undefined) return place(text, position, state, token);
    state = next;
    position += token.length;
  }
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

/** The token, or where there is none what comes before the next space. */
function place(text: string, position: number, state: State, token: string): JsonErrorPlace {
  const before = text.slice(0, position).split('\n');
  const found = token === '' ? matchAt(/\S{0,20}/y, text, position) : token;
  return { line: before.length, column: before.at(-1)!.length + 1, expected: state, found };
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
