import { writeBits } from './bits.js';
import type { Btf } from './btf.js';
import { BtfError } from './btfError.js';
import {
  type BtfArray,
  type BtfComposite,
  type BtfEnum,
  type BtfFloat,
  type BtfInt,
  typeLabel,
} from './btfType.js';
import type { BtfValue } from './formatValue.js';
import { resolveSize, skipModifiers } from './resolveType.js';

const MAX_SIZE_BYTES = 1 << 26;
const MAX_DEPTH = 64;

/**
 * The bytes of `value` as type `typeId`: the inverse of `formatValue`, for global variables and map entries that a user
 * writes down. Struct members and array elements that are left out are zero.
 *
 * @returns exactly as many bytes as the type has
 * @throws TypeError when a value is of the wrong kind for its type, RangeError when it does not fit; the message has the
 * path to it (`config.ports[3]`)
 * @throws BtfError for a type that has no value
 */
export function encodeValue(btf: Btf, typeId: number, value: BtfValue, path = 'value'): Uint8Array {
  const size = resolveSize(btf, typeId);
  if (size > MAX_SIZE_BYTES) {
    throw new RangeError(`${path}: the type has ${size} bytes, expected at most 64 MiB`);
  }
  const bytes = new Uint8Array(size);
  encodeType({ btf, bytes, depth: 0 }, typeId, 0, value, path);
  return bytes;
}

interface Target {
  readonly btf: Btf;
  readonly bytes: Uint8Array;
  readonly depth: number;
}

function encodeType(
  target: Target,
  typeId: number,
  bitOffset: number,
  value: BtfValue,
  path: string,
): void {
  if (target.depth > MAX_DEPTH) throw new BtfError(`${path}: more than ${MAX_DEPTH} levels`);
  const inner = { ...target, depth: target.depth + 1 };
  const type = skipModifiers(target.btf, typeId);
  switch (type.kind) {
    case 'int':
      storeInteger(
        inner,
        bitOffset + type.bitOffset,
        type.bits,
        type.signed,
        charCode(type, value),
        path,
      );
      break;
    case 'ptr':
      storeInteger(inner, bitOffset, 64, false, value, path);
      break;
    case 'enum':
    case 'enum64':
      storeInteger(
        inner,
        bitOffset,
        type.sizeBytes * 8,
        type.signed,
        enumerator(type, value),
        path,
      );
      break;
    case 'float':
      store(inner, bitOffset, type.sizeBytes * 8, floatBits(type, value, path), path);
      break;
    case 'array':
      encodeArray(inner, type, bitOffset, value, path);
      break;
    case 'struct':
    case 'union':
      encodeComposite(inner, type, bitOffset, value, path);
      break;
    default:
      throw new BtfError(`${path}: ${typeLabel(type)} has no value`);
  }
}

/** `formatValue` writes an integer of encoding CHAR as one character. */
function charCode(type: BtfInt, value: BtfValue): BtfValue {
  return type.char && typeof value === 'string' && value.length === 1 ? value.charCodeAt(0) : value;
}

function enumerator(type: BtfEnum, value: BtfValue): BtfValue {
  return type.values.find(({ name }) => name === value)?.value ?? value;
}

function floatBits(type: BtfFloat, value: BtfValue, path: string): bigint {
  if (typeof value !== 'number') {
    throw new TypeError(`${path}: expected a number, found ${describe(value)}`);
  }
  const raw = new DataView(new ArrayBuffer(8));
  if (type.sizeBytes === 4) {
    raw.setFloat32(0, value);
    return BigInt(raw.getUint32(0));
  }
  if (type.sizeBytes !== 8) {
    throw new BtfError(`${path}: ${typeLabel(type)}: only float and double can be written`);
  }
  raw.setFloat64(0, value);
  return raw.getBigUint64(0);
}

function encodeArray(
  target: Target,
  type: BtfArray,
  bitOffset: number,
  value: BtfValue,
  path: string,
): void {
  const elementBytes = resolveSize(target.btf, type.typeId);
  const elements =
    typeof value === 'string' && elementBytes === 1 ? [...Buffer.from(value, 'utf8')] : value;
  if (!Array.isArray(elements)) {
    throw new TypeError(`${path}: expected an array of ${type.length}, found ${describe(value)}`);
  }
  if (elements.length > type.length) {
    throw new RangeError(
      `${path}: expected at most ${type.length} elements, found ${elements.length}`,
    );
  }
  for (const [i, element] of elements.entries()) {
    // An element of a char array is its byte, whatever sign `char` has.
    const at = bitOffset + i * elementBytes * 8;
    if (typeof value === 'string') store(target, at, 8, BigInt(element), path);
    else encodeType(target, type.typeId, at, element, `${path}[${i}]`);
  }
}

function encodeComposite(
  target: Target,
  type: BtfComposite,
  bitOffset: number,
  value: BtfValue,
  path: string,
): void {
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(
      `${path}: expected an object for ${typeLabel(type)}, found ${describe(value)}`,
    );
  }
  for (const [name, member] of Object.entries(value)) {
    const place = findMember(target.btf, type, name, new Set());
    if (place === undefined) {
      throw new RangeError(`${path}: ${typeLabel(type)} has no member ${name}`);
    }
    const at = bitOffset + place.bitOffset;
    const memberPath = `${path}.${name}`;
    if (place.bitfieldBits > 0) {
      storeInteger(target, at, place.bitfieldBits, false, member, memberPath);
    } else {
      encodeType(target, place.typeId, at, member, memberPath);
    }
  }
}

interface Place {
  readonly typeId: number;
  readonly bitOffset: number;
  readonly bitfieldBits: number;
}

/** Looks into anonymous members too, as C does; `seen` keeps that linear and finite. */
function findMember(
  btf: Btf,
  type: BtfComposite,
  name: string,
  seen: Set<number>,
): Place | undefined {
  seen.add(type.id);
  for (const member of type.members) {
    if (member.name === name) return member;
    if (member.name !== '') continue;
    const inner = skipModifiers(btf, member.typeId);
    if ((inner.kind !== 'struct' && inner.kind !== 'union') || seen.has(inner.id)) continue;
    const found = findMember(btf, inner, name, seen);
    if (found !== undefined) return { ...found, bitOffset: found.bitOffset + member.bitOffset };
  }
  return undefined;
}

function storeInteger(
  target: Target,
  bitOffset: number,
  bits: number,
  signed: boolean,
  value: BtfValue,
  path: string,
): void {
  const integer = toInteger(value, path);
  const wrapped = signed ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer);
  if (integer !== wrapped) {
    throw new RangeError(
      `${path}: ${integer} does not fit in ${bits} ${signed ? 'signed' : 'unsigned'} bits`,
    );
  }
  store(target, bitOffset, bits, integer, path);
}

/** Numbers, booleans, and what JSON has to write as text: `"0xffffffffffffffff"`. */
function toInteger(value: BtfValue, path: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^(-?[0-9]+|0x[0-9a-fA-F]+)$/.test(value)) return BigInt(value);
  throw new TypeError(`${path}: expected an integer, found ${describe(value)}`);
}

function store(target: Target, bitOffset: number, bits: number, value: bigint, path: string): void {
  if (bitOffset + bits > target.bytes.length * 8) {
    throw new BtfError(`${path}: lies outside the ${target.bytes.length} bytes of its type`);
  }
  writeBits(target.bytes, bitOffset, bits, value);
}

function describe(value: BtfValue): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object'
    ? 'an object'
    : `${typeof value} ${JSON.stringify(String(value))}`;
}
