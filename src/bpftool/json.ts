/** Text that stands in JSON as it is: what bpftool's plain output does not quote. */
export class RawText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | RawText
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

const INDENT = '    ';

/** The value as bpftool's json_writer.c writes it: on one line, or pretty, where arrays are broken only at their end. */
export function jsonText(value: JsonValue, isPretty: boolean, depth = 0): string {
  if (value instanceof RawText) return value.text;
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const end = isPretty ? `\n${INDENT.repeat(depth)}` : '';
  if (Array.isArray(value)) {
    const elements = value.map((element) => jsonText(element, isPretty, depth + 1));
    return elements.length === 0 ? '[]' : `[${elements.join(',')}${end}]`;
  }
  const names = Object.entries(value);
  if (names.length === 0) return '{}';
  const start = isPretty ? `${end}${INDENT}` : '';
  const fields = names.map(([name, field]) => {
    const text = jsonText(field, isPretty, depth + 1);
    return `${start}${JSON.stringify(name)}:${isPretty ? ' ' : ''}${text}`;
  });
  return `{${fields.join(',')}${end}}`;
}

/** An array of any length, an element at a time. */
export function* jsonArray(elements: Iterable<JsonValue>, isPretty: boolean): Generator<string> {
  let separator = '[';
  for (const element of elements) {
    yield separator + jsonText(element, isPretty, 1);
    separator = ',';
  }
  if (separator === '[') yield '[]';
  else yield isPretty ? '\n]' : ']';
}
