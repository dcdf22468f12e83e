import { formatValue, type RawStyle } from '../bpf/btf/formatValue.js';
import { BpfError, ERRNO } from '../maps/errno.js';
import { round8 } from '../maps/scratchBuffer.js';
import { hexStrings, hexText } from './hex.js';
import { type JsonValue, jsonArray, jsonText, RawText } from './json.js';
import { errorText, type MapEntry, mapEntries } from './mapEntries.js';
import { isPerCpu, type MapTypes, type ShownMap } from './maps.js';

export type OutputForm = 'plain' | 'json' | 'pretty';

/** What `bpftool map dump` prints (map.c:map_dump), in pieces. */
export function* dumpMap(shown: ShownMap, form: OutputForm): Generator<string> {
  const { types } = shown;
  if (form !== 'plain') {
    yield* jsonArray(
      elements(shown, (entry) => jsonEntry(shown, entry)),
      form === 'pretty',
    );
    yield '\n';
  } else if (types !== undefined) {
    // Its plain output of typed maps looks like JSON, but for numbers that it writes as C does.
    const entries = elements(shown, (entry) => typedEntry(shown, types, entry, rawText));
    yield* jsonArray(entries, true);
    yield '\n';
  } else {
    yield* plainEntries(shown);
  }
}

const rawText: RawStyle<RawText> = (text) => new RawText(text);

function* elements({ map }: ShownMap, show: (entry: MapEntry) => JsonValue): Generator<JsonValue> {
  for (const entry of mapEntries(map)) yield show(entry);
}

function* plainEntries(shown: ShownMap): Generator<string> {
  let found = 0;
  for (const entry of mapEntries(shown.map)) {
    if (typeof entry.value !== 'number') found++;
    yield plainEntry(shown, entry);
  }
  yield `Found ${found} element${found === 1 ? '' : 's'}\n`;
}

/**
 * What `bpftool map lookup` prints of the entry with this key (map.c:print_key_value), `Not found` where there is none.
 *
 * @throws BpfError where the kernel refuses
 */
export function lookupText(shown: ShownMap, key: Uint8Array, form: OutputForm): string {
  const value = shown.map.lookup(key, new Uint8Array(0));
  if (value === -ERRNO.ENOENT) {
    return form === 'plain' ? `key:\n${hexText(key)}\n\nNot found\n` : 'null\n';
  }
  if (typeof value === 'number') {
    throw new BpfError(value, 'BPF_MAP_LOOKUP_ELEM', `map ${shown.map.attributes.name}`);
  }
  const entry = { key, value };
  if (form !== 'plain') return `${jsonText(jsonEntry(shown, entry), form === 'pretty')}\n`;
  if (shown.types === undefined) return plainEntry(shown, entry);
  return `${jsonText(typedEntry(shown, shown.types, entry, rawText), true)}\n`;
}

/** Longer ones get lines of their own. */
const BREAK_BYTES = 16;
const LINE_BYTES = 24;

/** `print_entry_plain` and `print_entry_error`. */
function plainEntry({ map }: ShownMap, { key, value }: MapEntry): string {
  if (isPerCpu(map) && typeof value !== 'number') return plainPerCpu(map, key, value);
  const text = typeof value === 'number' ? plainError(value) : hexText(value);
  const size = typeof value === 'number' ? text.length : value.length;
  const isBroken = key.length > BREAK_BYTES || size > BREAK_BYTES;
  const isOneLine = !isBroken && key.length + size <= LINE_BYTES;
  const gap = isBroken ? '\n' : ' ';
  return `key:${gap}${hexText(key)}${isOneLine ? '  ' : '\n'}value:${gap}${text}\n`;
}

function plainError(errno: number): string {
  return errno === -ERRNO.ENOENT ? '<no entry>' : errorText(errno);
}

function plainPerCpu(map: ShownMap['map'], key: Uint8Array, values: Uint8Array): string {
  const lines = cpuValues(map, values).map((value, cpu) => {
    const gap = value.length > BREAK_BYTES ? '\n' : ' ';
    return `value (CPU ${String(cpu).padStart(2, '0')}):${gap}${hexText(value)}\n`;
  });
  return `key:\n${hexText(key)}\n${lines.join('')}`;
}

function cpuValues({ attributes }: ShownMap['map'], values: Uint8Array): Uint8Array[] {
  const { valueSize } = attributes;
  const stride = round8(valueSize);
  return Array.from({ length: values.length / stride }, (_, cpu) => {
    return values.subarray(cpu * stride, cpu * stride + valueSize);
  });
}

/** `print_entry_json`, and an entry that cannot be read. */
function jsonEntry(shown: ShownMap, entry: MapEntry): JsonValue {
  const { map, types } = shown;
  const { key, value } = entry;
  if (typeof value === 'number') {
    return { key: hexStrings(key), value: { error: errorText(value) } };
  }
  const bytes = isPerCpu(map)
    ? { values: cpuValues(map, value).map((own, cpu) => ({ cpu, value: hexStrings(own) })) }
    : { value: hexStrings(value) };
  const formatted = types && { formatted: typedEntry(shown, types, entry) };
  return { key: hexStrings(key), ...bytes, ...formatted };
}

/** An entry as its types say (`do_dump_btf`). */
function typedEntry<Raw extends JsonValue = never>(
  { map }: ShownMap,
  types: MapTypes,
  { key, value }: MapEntry,
  raw?: RawStyle<Raw>,
): JsonValue {
  const { btf, spec } = types;
  const keyTypeId = spec.keyTypeId;
  const shownKey = keyTypeId !== undefined && { key: formatValue(btf, keyTypeId, key, raw) };
  if (typeof value === 'number') return { ...shownKey, value: { error: errorText(value) } };
  const show = (bytes: Uint8Array) => typedValue(types, bytes, raw);
  if (!isPerCpu(map)) return { ...shownKey, value: show(value) };
  return {
    ...shownKey,
    values: cpuValues(map, value).map((own, cpu) => ({ cpu, value: show(own) })),
  };
}

function typedValue<Raw extends JsonValue>(
  { btf, spec: { name, valueTypeId, data } }: MapTypes,
  bytes: Uint8Array,
  raw: RawStyle<Raw> | undefined,
): JsonValue {
  // A data section: the compiler leaves it to libbpf to say where in it the variables are.
  if (data === undefined) return formatValue(btf, valueTypeId!, bytes, raw);
  const variables = data.variables.flatMap(({ name: variable, typeId, offset }) => {
    if (typeId === undefined) return [];
    return [{ [variable]: formatValue(btf, typeId, bytes.subarray(offset), raw) }];
  });
  return { [name]: variables };
}
