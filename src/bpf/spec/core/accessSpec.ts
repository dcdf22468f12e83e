import type { Btf } from '../../btf/btf.js';
import type { CoreKind, CoreRecord } from '../../btf/btfExt.js';
import { type BtfArray, type BtfType, typeLabel } from '../../btf/btfType.js';
import { type BareType, resolveSize, skipModifiers } from '../../btf/resolveType.js';
import { SpecError } from '../specError.js';

/** libbpf's BPF_CORE_SPEC_MAX_LEN: accesses nested deeper are refused. */
const MAX_LENGTH = 64;

const TYPE_KINDS: ReadonlySet<CoreKind> = new Set<CoreKind>([
  'local_type_id',
  'target_type_id',
  'type_exists',
  'type_size',
  'type_matches',
]);

export function isTypeBased(kind: CoreKind): boolean {
  return TYPE_KINDS.has(kind);
}

export function isEnumBased(kind: CoreKind): boolean {
  return kind === 'enumval_exists' || kind === 'enumval_value';
}

/** A step of an access that means something in C: a named field or an array index. */
export interface Accessor {
  /** The struct that has the field; the element of the array; for enum values, the enum. */
  readonly type: BareType;
  readonly index: number;
  /** Undefined for an array index. */
  readonly name: string | undefined;
}

/**
 * An access in one BTF: `s->a[3]` is the raw path 0:1:2:3 where `a` is in an anonymous struct, and the accessors
 * `[0]`, `.a`, `[3]` (libbpf's `struct bpf_core_spec`).
 */
export interface AccessSpec {
  readonly btf: Btf;
  readonly kind: CoreKind;
  readonly rootTypeId: number;
  readonly accessors: Accessor[];
  readonly raw: number[];
  bitOffset: number;
}

export function emptyAccess(btf: Btf, kind: CoreKind, rootTypeId: number): AccessSpec {
  return { btf, kind, rootTypeId, accessors: [], raw: [], bitOffset: 0 };
}

/**
 * Reads the access that a relocation describes, in the object's own types (libbpf's `bpf_core_parse_spec`).
 *
 * @throws SpecError when the access string does not fit the types
 */
export function parseAccess(btf: Btf, { typeId, access, kind }: CoreRecord): AccessSpec {
  const spec = emptyAccess(btf, kind, typeId);
  if (isTypeBased(kind)) {
    if (access !== '0') throw badAccess(btf, typeId, access, 'a type has no fields');
    return spec;
  }
  spec.raw.push(...parseIndices(btf, typeId, access));
  const root = skipModifiers(btf, typeId);
  const [first = 0, ...rest] = spec.raw;
  if (isEnumBased(kind)) {
    const value = isEnum(root) && rest.length === 0 ? root.values[first] : undefined;
    if (value === undefined) {
      throw badAccess(btf, typeId, access, 'expected the index of an enumerator');
    }
    spec.accessors.push({ type: root, index: first, name: value.name });
    return spec;
  }
  spec.accessors.push({ type: root, index: first, name: undefined });
  spec.bitOffset = first * resolveSize(btf, typeId) * 8;
  let type: BareType = root;
  for (const index of rest) {
    const next = step(spec, type, index);
    if (next === undefined) {
      throw badAccess(btf, typeId, access, `index ${index} is not in ${typeLabel(type)}`);
    }
    type = next;
  }
  if (!Number.isSafeInteger(spec.bitOffset)) {
    throw badAccess(btf, typeId, access, 'the offset is out of range');
  }
  return spec;
}

function parseIndices(btf: Btf, typeId: number, access: string): number[] {
  if (!/^\d{1,9}(:\d{1,9})*$/.test(access)) {
    throw badAccess(btf, typeId, access, 'expected indices with colons');
  }
  const indices = access.split(':').map(Number);
  if (indices.length > MAX_LENGTH) {
    throw badAccess(btf, typeId, access, `more than ${MAX_LENGTH} indices`);
  }
  return indices;
}

/** Goes one index deeper; undefined when the type has no such part. */
function step(spec: AccessSpec, type: BareType, index: number): BareType | undefined {
  if (type.kind === 'struct' || type.kind === 'union') {
    const member = type.members[index];
    if (member === undefined) return undefined;
    spec.bitOffset += member.bitOffset;
    if (member.name !== '') spec.accessors.push({ type, index, name: member.name });
    return skipModifiers(spec.btf, member.typeId);
  }
  if (type.kind !== 'array' || !holdsIndex(spec, type, index)) return undefined;
  const element = skipModifiers(spec.btf, type.typeId);
  spec.accessors.push({ type: element, index, name: undefined });
  spec.bitOffset += index * resolveSize(spec.btf, element.id) * 8;
  return element;
}

/** An array `[0]` at the end of a struct is flexible and has any index (libbpf's `is_flex_arr`). */
export function holdsIndex({ accessors }: AccessSpec, array: BtfArray, index: number): boolean {
  if (index < array.length) return true;
  const field = accessors.at(-1);
  if (array.length > 0 || field?.name === undefined) return false;
  const { type } = field;
  return (
    (type.kind === 'struct' || type.kind === 'union') && field.index === type.members.length - 1
  );
}

export function isEnum(type: BtfType): type is Extract<BtfType, { kind: 'enum' | 'enum64' }> {
  return type.kind === 'enum' || type.kind === 'enum64';
}

export function tooDeep(spec: AccessSpec): boolean {
  return spec.raw.length >= MAX_LENGTH;
}

function badAccess(btf: Btf, typeId: number, access: string, reason: string): SpecError {
  return new SpecError(`CO-RE access '${access}' of ${typeLabel(btf.type(typeId))}: ${reason}`);
}

/** `<byte_off> [2] struct foo.a[3] (0:1:3 @ offset 20)`, as libbpf prints it (`bpf_core_format_spec`). */
export function formatAccess(spec: AccessSpec): string {
  const { btf, kind, rootTypeId, accessors, raw, bitOffset } = spec;
  const root = `<${kind}> ${typeLabel(btf.type(rootTypeId))}`;
  if (isTypeBased(kind)) return root;
  const [first] = accessors;
  if (isEnumBased(kind)) {
    const value = first && isEnum(first.type) ? first.type.values[first.index]?.value : undefined;
    return `${root}::${first?.name ?? '?'}${value === undefined ? '' : ` = ${value}`}`;
  }
  const path = accessors.map(({ name, index }, i) => {
    if (name !== undefined) return `.${name}`;
    return i > 0 || index > 0 ? `[${index}]` : '';
  });
  const bits = bitOffset % 8 === 0 ? '' : `.${bitOffset % 8}`;
  return `${root}${path.join('')} (${raw.join(':')} @ offset ${Math.floor(bitOffset / 8)}${bits})`;
}
