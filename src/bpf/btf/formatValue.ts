import { readBits } from './bits.js';
import type { Btf } from './btf.js';
import { BtfError } from './btfError.js';
import {
  type BtfArray,
  type BtfComposite,
  type BtfDataSection,
  type BtfEnum,
  type BtfInt,
  typeLabel,
} from './btfType.js';
import { type BareType, resolveSize, skipModifiers } from './resolveType.js';

/** A value as bpftool would print it in JSON; integers beyond 2^53 are bigints. `Raw`: see `formatValue`. */
export type BtfValue<Raw = never> =
  | Raw
  | number
  | bigint
  | boolean
  | string
  | readonly BtfValue<Raw>[]
  | { readonly [name: string]: BtfValue<Raw> };

/** Bounds for hostile types: nested arrays of empty structs, unions of unions. */
const MAX_NODES = 1_000_000;
const MAX_DEPTH = 64;

/** What is made of text that bpftool writes without quotes where its output need not be JSON: `0x5`, `(nil)`. */
export type RawStyle<Raw> = (text: string) => Raw;

interface Walk<Raw> {
  readonly btf: Btf;
  readonly raw: RawStyle<Raw> | undefined;
  nodes: number;
  depth: number;
}

/**
 * The value of type `typeId` that `bytes` hold, in the manner of bpftool's `btf_dumper.c`: enumerators by name, text in
 * `char` arrays as strings, bit-fields and 128-bit integers as hexadecimal strings, pointers as numbers, a data section
 * as `{".data": [{"variable": value}]}`.
 *
 * DIVERGES: members of anonymous structs and unions appear in their parent; bpftool gives all of them the name "".
 *
 * @param bytes at least the size of the type; what follows is ignored
 * @param raw for bpftool's plain output: there hexadecimal numbers and pointers are such text
 * @throws RangeError when there are too few bytes
 * @throws BtfError for a type that has no value, or one with more than a million parts
 */
export function formatValue<Raw = never>(
  btf: Btf,
  typeId: number,
  bytes: Uint8Array,
  raw?: RawStyle<Raw>,
): BtfValue<Raw> {
  const size = resolveSize(btf, typeId);
  if (bytes.length < size) {
    throw new RangeError(
      `${typeLabel(btf.type(typeId))} takes ${size} bytes, found ${bytes.length}`,
    );
  }
  return formatType({ btf, raw, nodes: 0, depth: 0 }, typeId, bytes, 0);
}

function formatType<Raw>(
  walk: Walk<Raw>,
  typeId: number,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  walk.nodes++;
  if (walk.nodes > MAX_NODES || walk.depth > MAX_DEPTH) {
    throw new BtfError(
      `${walk.btf.name}: ${typeLabel(walk.btf.type(typeId))}: more than ${MAX_NODES} values or ${MAX_DEPTH} levels`,
    );
  }
  walk.depth++;
  const value = formatBare(walk, skipModifiers(walk.btf, typeId), bytes, bitOffset);
  walk.depth--;
  return value;
}

function formatBare<Raw>(
  walk: Walk<Raw>,
  type: BareType,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  switch (type.kind) {
    case 'int':
      return formatInt(walk, type, bytes, bitOffset);
    case 'ptr':
      return formatPointer(walk, bits(walk, bytes, bitOffset, 64));
    case 'enum':
    case 'enum64':
      return formatEnum(walk, type, bytes, bitOffset);
    case 'float':
      return formatFloat(walk, type.sizeBytes, bytes, bitOffset);
    case 'array':
      return formatArray(walk, type, bytes, bitOffset);
    case 'struct':
    case 'union': {
      const members: Record<string, BtfValue<Raw>> = {};
      formatMembers(walk, type, bytes, bitOffset, members);
      return members;
    }
    case 'var':
      return { [type.name]: formatType(walk, type.typeId, bytes, bitOffset) };
    case 'datasec':
      return formatDataSection(walk, type, bytes);
    default:
      throw new BtfError(`${walk.btf.name}: ${typeLabel(type)} has no value`);
  }
}

/** Like `readBits`, for a place that a broken type may put outside the value. */
function bits(walk: Walk<unknown>, bytes: Uint8Array, bitOffset: number, count: number): bigint {
  if (bitOffset + count > bytes.length * 8) {
    throw new BtfError(
      `${walk.btf.name}: bits ${bitOffset} to ${bitOffset + count} lie outside a value of ${bytes.length} bytes`,
    );
  }
  return readBits(bytes, bitOffset, count);
}

function formatPointer<Raw>({ raw }: Walk<Raw>, value: bigint): BtfValue<Raw> {
  if (raw === undefined) return plain(value);
  return raw(value === 0n ? '(nil)' : `0x${value.toString(16)}`);
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function formatInt<Raw>(
  walk: Walk<Raw>,
  type: BtfInt,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  const value = bits(walk, bytes, bitOffset + type.bitOffset, type.bits);
  if (type.bitOffset > 0 || bitOffset % 8 > 0 || type.bits % 8 > 0 || type.bits > 64) {
    return hex(walk, value);
  }
  if (type.bool) return value !== 0n;
  if (type.char) return String.fromCharCode(Number(value));
  return plain(type.signed ? BigInt.asIntN(type.bits, value) : value);
}

function hex<Raw>({ raw }: Walk<Raw>, value: bigint): BtfValue<Raw> {
  const text = `0x${value.toString(16)}`;
  return raw === undefined ? text : raw(text);
}

function formatEnum<Raw>(
  walk: Walk<Raw>,
  type: BtfEnum,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  const stored = bits(walk, bytes, bitOffset, type.sizeBytes * 8);
  const value = type.signed ? BigInt.asIntN(type.sizeBytes * 8, stored) : stored;
  return type.values.find((enumerator) => enumerator.value === value)?.name ?? plain(value);
}

/** bpftool refuses floats (kernels have none); a program's own `double` prints as a number. */
function formatFloat<Raw>(
  walk: Walk<Raw>,
  sizeBytes: number,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  const raw = new DataView(new ArrayBuffer(8));
  const stored = bits(walk, bytes, bitOffset, sizeBytes * 8);
  if (sizeBytes === 4) {
    raw.setUint32(0, Number(stored));
    return raw.getFloat32(0);
  }
  if (sizeBytes !== 8) return hex(walk, stored);
  raw.setBigUint64(0, stored);
  return raw.getFloat64(0);
}

function formatArray<Raw>(
  walk: Walk<Raw>,
  type: BtfArray,
  bytes: Uint8Array,
  bitOffset: number,
): BtfValue<Raw> {
  const text = formatText(walk, type, bytes, bitOffset);
  if (text !== undefined) return text;
  const elementBits = resolveSize(walk.btf, type.typeId) * 8;
  const values: BtfValue<Raw>[] = [];
  for (let i = 0; i < type.length; i++) {
    values.push(formatType(walk, type.typeId, bytes, bitOffset + i * elementBits));
  }
  return values;
}

/** bpftool's `is_str_array`: printable ASCII that ends with a NUL, in an array of `char` but not of a typedef of it. */
function formatText(
  walk: Walk<unknown>,
  type: BtfArray,
  bytes: Uint8Array,
  bitOffset: number,
): string | undefined {
  let element = walk.btf.type(type.typeId);
  for (
    let depth = 0;
    depth < MAX_DEPTH && isQualifier(element.kind) && 'typeId' in element;
    depth++
  ) {
    element = walk.btf.type(element.typeId);
  }
  if (
    element.kind !== 'int' ||
    element.sizeBytes !== 1 ||
    !(element.char || element.name === 'char')
  )
    return undefined;
  const start = bitOffset / 8;
  const content = bytes.subarray(start, start + type.length);
  const end = content.indexOf(0);
  if (end < 0 || !content.subarray(0, end).every((byte) => byte > 0x1f && byte < 0x7f)) {
    return undefined;
  }
  return Buffer.from(content.subarray(0, end)).toString('latin1');
}

function isQualifier(kind: string): boolean {
  return kind === 'const' || kind === 'volatile' || kind === 'restrict';
}

function formatMembers<Raw>(
  walk: Walk<Raw>,
  type: BtfComposite,
  bytes: Uint8Array,
  bitOffset: number,
  into: Record<string, BtfValue<Raw>>,
): void {
  for (const member of type.members) {
    const at = bitOffset + member.bitOffset;
    if (member.bitfieldBits > 0) {
      if (member.name === '') continue;
      define(into, member.name, hex(walk, bits(walk, bytes, at, member.bitfieldBits)));
      continue;
    }
    const value = formatType(walk, member.typeId, bytes, at);
    if (member.name !== '') define(into, member.name, value);
    else
      for (const [name, inner] of Object.entries(value as Record<string, BtfValue<Raw>>))
        define(into, name, inner);
  }
}

/** Plain assignment would call the setter of a member called `__proto__`. */
function define<Raw>(
  into: Record<string, BtfValue<Raw>>,
  name: string,
  value: BtfValue<Raw>,
): void {
  Object.defineProperty(into, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function formatDataSection<Raw>(
  walk: Walk<Raw>,
  type: BtfDataSection,
  bytes: Uint8Array,
): BtfValue<Raw> {
  const values = type.variables.map(({ typeId, offset }) =>
    formatType(walk, typeId, bytes, offset * 8),
  );
  return { [type.name]: values };
}
