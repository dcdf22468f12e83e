import type { Btf } from '../btf/btf.js';
import { type BtfMember, type BtfType, typeLabel } from '../btf/btfType.js';
import { resolveSize, skipModifiers } from '../btf/resolveType.js';
import { BPF_MAP_TYPE_PROG_ARRAY, isMapInMap } from './mapType.js';
import type { InitialSlot, MapSpec } from './objectSpec.js';
import { SpecError } from './specError.js';

/** A definition being read; what it leaves out is zero, as in libbpf. */
export type MapDraft = { -readonly [K in keyof MapSpec]: MapSpec[K] } & {
  initialSlots: InitialSlot[];
  /** Byte offset of the `values` initialiser in the definition. */
  valuesOffset: number | undefined;
};

export function emptyMapDraft(name: string, section: string): MapDraft {
  return {
    name,
    section,
    type: 0,
    keySizeBytes: 0,
    valueSizeBytes: 0,
    maxEntries: 0,
    flags: 0,
    mapExtra: 0n,
    numaNode: undefined,
    pinning: 'none',
    keyTypeId: undefined,
    valueTypeId: undefined,
    inner: undefined,
    initialSlots: [],
    data: undefined,
    unsupported: undefined,
    valuesOffset: undefined,
  };
}

/**
 * Reads a BTF-defined map: a struct whose members' *types* hold the definition, as the macros `__uint`, `__ulong`,
 * `__type` and `__array` of bpf_helpers.h make them (libbpf's `parse_btf_map_def`).
 *
 * @throws SpecError naming map and field, what was expected and what was found
 */
export function readMapDefinition(btf: Btf, typeId: number, draft: MapDraft): void {
  const definition = skipModifiers(btf, typeId);
  if (definition.kind !== 'struct') {
    throw new SpecError(`map ${draft.name}: expected a struct, found ${typeLabel(definition)}`);
  }
  for (const [i, member] of definition.members.entries()) {
    const read = FIELDS.get(member.name);
    if (read === undefined) {
      throw new SpecError(`map ${draft.name}: field '${member.name}' is unknown`);
    }
    if (member.name === 'values' && i !== definition.members.length - 1) {
      throw new SpecError(`map ${draft.name}: 'values' must be the last field`);
    }
    read(btf, member, draft);
  }
  if (draft.type === 0) throw new SpecError(`map ${draft.name}: no 'type'`);
}

type FieldReader = (btf: Btf, member: BtfMember, draft: MapDraft) => void;

const FIELDS: ReadonlyMap<string, FieldReader> = new Map<string, FieldReader>([
  ['type', numberField('type')],
  ['max_entries', numberField('maxEntries')],
  ['map_flags', numberField('flags')],
  ['numa_node', numberField('numaNode')],
  ['map_extra', readMapExtra],
  ['pinning', readPinning],
  ['key_size', (btf, member, draft) => setKeySize(draft, uint(btf, member, draft))],
  ['value_size', (btf, member, draft) => setValueSize(draft, uint(btf, member, draft))],
  ['key', readKey],
  ['value', readValue],
  ['values', readValues],
]);

function numberField(field: 'type' | 'maxEntries' | 'flags' | 'numaNode'): FieldReader {
  return (btf, member, draft) => {
    draft[field] = uint(btf, member, draft);
  };
}

/** `__uint(name, val)` is `int (*name)[val]`. */
function uint(btf: Btf, member: BtfMember, draft: MapDraft): number {
  const pointer = skipModifiers(btf, member.typeId);
  const array = pointer.kind === 'ptr' ? btf.type(pointer.typeId) : pointer;
  if (pointer.kind !== 'ptr' || array.kind !== 'array') {
    throw notMade(draft, member, '__uint', array);
  }
  return array.length;
}

/** `__ulong(name, val)` is an enum of one value; a `__uint` will do too. */
function readMapExtra(btf: Btf, member: BtfMember, draft: MapDraft): void {
  const type = skipModifiers(btf, member.typeId);
  if (type.kind === 'enum' || type.kind === 'enum64') {
    draft.mapExtra = BigInt.asUintN(64, type.values[0]?.value ?? 0n);
  } else {
    draft.mapExtra = BigInt(uint(btf, member, draft));
  }
}

function readPinning(btf: Btf, member: BtfMember, draft: MapDraft): void {
  const value = uint(btf, member, draft);
  if (value > 1) {
    throw new SpecError(`map ${draft.name}: pinning ${value}, expected 0 (none) or 1 (by name)`);
  }
  draft.pinning = value === 1 ? 'byName' : 'none';
}

function readKey(btf: Btf, member: BtfMember, draft: MapDraft): void {
  draft.keyTypeId = pointee(btf, member, draft);
  setKeySize(draft, resolveSize(btf, draft.keyTypeId));
}

function readValue(btf: Btf, member: BtfMember, draft: MapDraft): void {
  draft.valueTypeId = pointee(btf, member, draft);
  setValueSize(draft, resolveSize(btf, draft.valueTypeId));
}

/** `__type(name, val)` is `typeof(val) *name`. */
function pointee(btf: Btf, member: BtfMember, draft: MapDraft): number {
  const pointer = skipModifiers(btf, member.typeId);
  if (pointer.kind !== 'ptr') throw notMade(draft, member, '__type', pointer);
  return pointer.typeId;
}

/** `__array(values, val)` is `typeof(val) *values[]`: a template of inner maps, or programs. */
function readValues(btf: Btf, member: BtfMember, draft: MapDraft): void {
  const array = skipModifiers(btf, member.typeId);
  if (array.kind !== 'array') throw notMade(draft, member, '__array', array);
  const pointer = skipModifiers(btf, array.typeId);
  if (array.length !== 0 || pointer.kind !== 'ptr') {
    throw notMade(draft, member, '__array', pointer);
  }
  if (draft.section === '') {
    throw new SpecError(`map ${draft.name}: an inner map cannot have 'values'`);
  }
  draft.valuesOffset = member.bitOffset / 8;
  setValueSize(draft, 4);
  if (isMapInMap(draft.type)) {
    const inner = emptyMapDraft(`${draft.name}.inner`, '');
    readMapDefinition(btf, pointer.typeId, inner);
    draft.inner = finishMap(inner);
  } else if (draft.type !== BPF_MAP_TYPE_PROG_ARRAY) {
    throw new SpecError(
      `map ${draft.name}: 'values' needs a map-in-map or a PROG_ARRAY, found type ${draft.type}`,
    );
  }
}

/** The draft without what only its reading needed. */
export function finishMap({ valuesOffset: _, ...map }: MapDraft): MapSpec {
  return map;
}

function setKeySize(draft: MapDraft, sizeBytes: number): void {
  if (draft.keySizeBytes !== 0 && draft.keySizeBytes !== sizeBytes) {
    throw new SpecError(
      `map ${draft.name}: key of ${sizeBytes} bytes, but key_size ${draft.keySizeBytes}`,
    );
  }
  draft.keySizeBytes = sizeBytes;
}

function setValueSize(draft: MapDraft, sizeBytes: number): void {
  if (draft.valueSizeBytes !== 0 && draft.valueSizeBytes !== sizeBytes) {
    throw new SpecError(
      `map ${draft.name}: value of ${sizeBytes} bytes, but value_size ${draft.valueSizeBytes}`,
    );
  }
  draft.valueSizeBytes = sizeBytes;
}

function notMade(draft: MapDraft, member: BtfMember, macro: string, found: BtfType): SpecError {
  return new SpecError(
    `map ${draft.name}: ${member.name}: not made by ${macro}(), found ${typeLabel(found)}`,
  );
}
