import type { Btf } from './btf.js';
import { BtfError } from './btfError.js';
import { type BtfModifier, type BtfType, typeLabel } from './btfType.js';

/** libbpf's MAX_RESOLVE_DEPTH: longer chains are cycles or nonsense. */
const MAX_DEPTH = 32;
const POINTER_BYTES = 8;
const MAX_SIZE_BYTES = 0xffff_ffff;

/** What is left when typedefs and qualifiers are gone. */
export type BareType = Exclude<BtfType, BtfModifier>;

/**
 * Follows typedefs and qualifiers (libbpf's `skip_mods_and_typedefs`).
 *
 * @throws BtfError when the chain is longer than 32, as a cyclic one is
 */
export function skipModifiers(btf: Btf, id: number): BareType {
  let type = btf.type(id);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!isModifier(type)) return type;
    type = btf.type(type.typeId);
  }
  throw new BtfError(
    `${btf.name}: ${typeLabel(btf.type(id))}: more than ${MAX_DEPTH} modifiers in a row, is it a cycle?`,
  );
}

function isModifier(type: BtfType): type is BtfModifier {
  switch (type.kind) {
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
    case 'type_tag':
      return true;
    default:
      return false;
  }
}

/**
 * Size of a type in bytes (libbpf's `btf__resolve_size`).
 *
 * @throws BtfError for a type without a size (void, a forward declaration, a function), a cycle, or more than 4 GiB
 */
export function resolveSize(btf: Btf, id: number): number {
  let elements = 1;
  let type = skipModifiers(btf, id);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (type.kind === 'array') {
      elements *= type.length;
      type = skipModifiers(btf, type.typeId);
    } else if (type.kind === 'var') {
      type = skipModifiers(btf, type.typeId);
    } else {
      return checkSize(btf, id, elements * ownSize(btf, type));
    }
    checkSize(btf, id, elements);
  }
  throw new BtfError(
    `${btf.name}: ${typeLabel(btf.type(id))}: arrays nested more than ${MAX_DEPTH} deep, is it a cycle?`,
  );
}

function checkSize(btf: Btf, id: number, sizeBytes: number): number {
  if (sizeBytes <= MAX_SIZE_BYTES) return sizeBytes;
  throw new BtfError(
    `${btf.name}: ${typeLabel(btf.type(id))}: ${sizeBytes} bytes, expected less than 4 GiB`,
  );
}

function ownSize(btf: Btf, type: BareType): number {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
    case 'datasec':
      return type.sizeBytes;
    case 'ptr':
      return POINTER_BYTES;
    default:
      throw new BtfError(`${btf.name}: ${typeLabel(type)} has no size`);
  }
}

/**
 * Alignment of a type in bytes (libbpf's `btf__align_of`); 1 for a packed struct.
 *
 * @throws BtfError for a type without one, or a struct that contains itself
 */
export function resolveAlignment(btf: Btf, id: number): number {
  return alignmentOf(btf, id, new Map(), 0);
}

/** `known` keeps the work linear where many members share a type. */
function alignmentOf(btf: Btf, id: number, known: Map<number, number>, depth: number): number {
  if (depth > MAX_DEPTH) {
    throw new BtfError(
      `${btf.name}: ${typeLabel(btf.type(id))}: nested more than ${MAX_DEPTH} deep, is it a cycle?`,
    );
  }
  const type = skipModifiers(btf, id);
  const cached = known.get(type.id);
  if (cached !== undefined) return cached;
  const alignment = bareAlignment(btf, type, known, depth);
  known.set(type.id, alignment);
  return alignment;
}

function bareAlignment(
  btf: Btf,
  type: BareType,
  known: Map<number, number>,
  depth: number,
): number {
  switch (type.kind) {
    case 'array':
    case 'var':
      return alignmentOf(btf, type.typeId, known, depth + 1);
    case 'struct':
    case 'union': {
      let widest = 1;
      for (const member of type.members) {
        const alignment = alignmentOf(btf, member.typeId, known, depth + 1);
        const packed = member.bitfieldBits === 0 && member.bitOffset % (alignment * 8) !== 0;
        if (packed) return 1;
        widest = Math.max(widest, alignment);
      }
      return type.sizeBytes % widest === 0 ? widest : 1;
    }
    default:
      return Math.min(POINTER_BYTES, Math.max(1, ownSize(btf, type)));
  }
}
