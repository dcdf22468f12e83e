import type { Btf } from '../../btf/btf.js';
import type { BtfType } from '../../btf/btfType.js';
import { essentialName } from '../../btf/essentialName.js';
import { skipModifiers } from '../../btf/resolveType.js';
import { SpecError } from '../specError.js';
import { isEnum } from './accessSpec.js';
import type { StepBudget } from './stepBudget.js';

const MAX_DEPTH = 32;

/** A type and the BTF it is in. */
export interface TypeRef {
  readonly btf: Btf;
  readonly id: number;
}

/** Equal kinds, where an enum may become an enum64 (libbpf's `btf_kind_core_compat`). */
export function sameKind(a: BtfType, b: BtfType): boolean {
  return a.kind === b.kind || (isEnum(a) && isEnum(b));
}

/**
 * Whether a local type exists as the target: kinds alone, down through pointers, arrays and prototypes (libbpf's
 * `__bpf_core_types_are_compat`). The caller has compared the names.
 */
export function typesAreCompatible(
  local: TypeRef,
  target: TypeRef,
  budget: StepBudget,
  level = MAX_DEPTH,
): boolean {
  budget.take();
  if (level <= 0) throw new SpecError(`CO-RE types are nested more than ${MAX_DEPTH} deep`);
  const a = skipModifiers(local.btf, local.id);
  const b = skipModifiers(target.btf, target.id);
  if (!sameKind(a, b)) return false;
  const deeper = (x: number, y: number) =>
    typesAreCompatible({ btf: local.btf, id: x }, { btf: target.btf, id: y }, budget, level - 1);
  switch (a.kind) {
    case 'void':
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
    case 'fwd':
      return true;
    case 'int':
      return b.kind === 'int' && a.bitOffset === 0 && b.bitOffset === 0;
    case 'ptr':
    case 'array':
      return 'typeId' in b && deeper(a.typeId, b.typeId);
    case 'func_proto':
      return (
        b.kind === 'func_proto' &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every(({ typeId }, i) => deeper(typeId, b.parameters[i]!.typeId)) &&
        deeper(a.typeId, b.typeId)
      );
    default:
      return false;
  }
}

/**
 * Whether a field of the local type can be read as the target's: structs mix, integers of any size do, enums must agree
 * in name, array lengths do not matter (libbpf's `bpf_core_fields_are_compat`).
 */
export function fieldsAreCompatible(local: TypeRef, target: TypeRef): boolean {
  let a = skipModifiers(local.btf, local.id);
  let b = skipModifiers(target.btf, target.id);
  for (let depth = 0; depth < MAX_DEPTH && a.kind === 'array' && b.kind === 'array'; depth++) {
    a = skipModifiers(local.btf, a.typeId);
    b = skipModifiers(target.btf, b.typeId);
  }
  if (isComposite(a) && isComposite(b)) return true;
  if (!sameKind(a, b)) return false;
  switch (a.kind) {
    case 'ptr':
    case 'float':
      return true;
    case 'fwd':
    case 'enum':
    case 'enum64':
      return a.name === '' || b.name === '' || essentialName(a.name) === essentialName(b.name);
    case 'int':
      return b.kind === 'int' && a.bitOffset === 0 && b.bitOffset === 0;
    default:
      return false;
  }
}

function isComposite(type: BtfType): boolean {
  return type.kind === 'struct' || type.kind === 'union';
}
