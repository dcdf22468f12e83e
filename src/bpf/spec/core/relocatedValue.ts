import { type BtfMember, typeLabel } from '../../btf/btfType.js';
import { resolveSize, skipModifiers } from '../../btf/resolveType.js';
import { SpecError } from '../specError.js';
import { type AccessSpec, isEnum, isEnumBased, isTypeBased } from './accessSpec.js';

/** What a relocation evaluates to in one BTF (libbpf's `bpf_core_calc_*_relo`). */
export interface RelocatedValue {
  /** As an unsigned 64-bit number. */
  readonly value: bigint;
  /** Size and type of the field that a load or store at this offset accesses; 0 where that does not apply. */
  readonly sizeBytes: number;
  readonly typeId: number;
  /** Whether the compiler must have left this very value in the instruction; bit-fields are ambiguous. */
  readonly validate: boolean;
}

/**
 * @param access undefined when the target has nothing that matches
 * @returns undefined when there is no value, so that the instruction has to be poisoned
 */
export function relocatedValue(
  local: AccessSpec,
  access: AccessSpec | undefined,
): RelocatedValue | undefined {
  const { kind } = local;
  if (kind === 'field_exists' || kind === 'enumval_exists') {
    return number(access === undefined ? 0 : 1);
  }
  if (isTypeBased(kind)) return typeValue(access);
  if (access === undefined) return undefined;
  if (isEnumBased(kind)) return enumValue(access);
  return fieldValue(access);
}

function number(value: number | bigint, validate = true): RelocatedValue {
  return { value: BigInt.asUintN(64, BigInt(value)), sizeBytes: 0, typeId: 0, validate };
}

/** Type relocations are 0 when the type is not there. */
function typeValue(access: AccessSpec | undefined): RelocatedValue {
  if (access === undefined) return number(0);
  if (access.kind === 'type_size') return number(resolveSize(access.btf, access.rootTypeId));
  const isId = access.kind === 'target_type_id' || access.kind === 'local_type_id';
  // Ids change when objects are linked together, so the one in the instruction proves nothing.
  return isId ? number(access.rootTypeId, false) : number(1);
}

/** A 32-bit enumerator is sign-extended whatever its sign: older compilers did not record it, and libbpf does the same. */
function enumValue({ accessors: [accessor] }: AccessSpec): RelocatedValue {
  const enumerator =
    accessor && isEnum(accessor.type) ? accessor.type.values[accessor.index] : undefined;
  const value = enumerator?.value ?? 0n;
  return number(accessor?.type.kind === 'enum' ? BigInt.asIntN(32, value) : value);
}

function fieldValue(access: AccessSpec): RelocatedValue {
  const last = access.accessors.at(-1)!;
  const { type, index } = last;
  if (last.name === undefined) return elementValue(access, type.id);
  const member = type.kind === 'struct' || type.kind === 'union' ? type.members[index] : undefined;
  if (member === undefined) {
    throw new SpecError(`CO-RE access: ${typeLabel(type)} has no member ${index}`);
  }
  return member.bitfieldBits > 0
    ? bitfieldValue(access, member)
    : plainFieldValue(access, member.typeId);
}

function elementValue(access: AccessSpec, typeId: number): RelocatedValue {
  const sizeBytes = resolveSize(access.btf, typeId);
  if (access.kind === 'byte_off') {
    return { value: BigInt(Math.floor(access.bitOffset / 8)), sizeBytes, typeId, validate: true };
  }
  if (access.kind === 'byte_sz') return number(sizeBytes);
  throw new SpecError(`CO-RE relocation <${access.kind}> does not apply to an array element`);
}

function plainFieldValue(access: AccessSpec, memberTypeId: number): RelocatedValue {
  const { id: typeId } = skipModifiers(access.btf, memberTypeId);
  const sizeBytes = resolveSize(access.btf, typeId);
  switch (access.kind) {
    case 'byte_off':
      return { value: BigInt(Math.floor(access.bitOffset / 8)), sizeBytes, typeId, validate: true };
    case 'byte_sz':
      return number(sizeBytes);
    case 'signed':
      return number(isSigned(access, memberTypeId) ? 1 : 0);
    default:
      // A field of n bytes is loaded whole: shift it up to bit 63 and down again.
      return number(64 - sizeBytes * 8);
  }
}

/** The field is read by the smallest aligned load that holds all its bits. */
function bitfieldValue(access: AccessSpec, member: BtfMember): RelocatedValue {
  const { bitOffset } = access;
  const bits = member.bitfieldBits;
  let loadBytes = resolveSize(access.btf, member.typeId);
  if (loadBytes === 0) {
    throw new SpecError(`CO-RE access: bit-field ${member.name} has a type without size`);
  }
  const loadOffset = () => Math.floor(Math.floor(bitOffset / 8) / loadBytes) * loadBytes;
  while (bitOffset + bits - loadOffset() * 8 > loadBytes * 8) {
    if (loadBytes >= 8) {
      throw new SpecError(`CO-RE access: bit-field ${member.name} takes more than a 64-bit load`);
    }
    loadBytes *= 2;
  }
  switch (access.kind) {
    case 'byte_off':
      return number(loadOffset(), false);
    case 'byte_sz':
      return number(loadBytes, false);
    case 'signed':
      return number(isSigned(access, member.typeId) ? 1 : 0);
    case 'lshift_u64':
      return number(64 - (bitOffset + bits - loadOffset() * 8), false);
    default:
      return number(64 - bits);
  }
}

function isSigned({ btf }: AccessSpec, typeId: number): boolean {
  const type = skipModifiers(btf, typeId);
  return (type.kind === 'int' || isEnum(type)) && type.signed;
}
