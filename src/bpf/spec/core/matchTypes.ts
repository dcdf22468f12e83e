import type { BtfComposite, BtfEnum, BtfType } from '../../btf/btfType.js';
import { essentialName } from '../../btf/essentialName.js';
import { skipModifiers } from '../../btf/resolveType.js';
import { SpecError } from '../specError.js';
import { isEnum } from './accessSpec.js';
import type { TypeRef } from './compatibleTypes.js';
import type { StepBudget } from './stepBudget.js';

const MAX_DEPTH = 32;

interface Comparison {
  readonly local: TypeRef;
  readonly target: TypeRef;
  readonly budget: StepBudget;
  /** Behind a pointer, structs need only agree in name and kind. */
  readonly behindPointer: boolean;
  readonly level: number;
}

/**
 * Whether the local type matches the target member by member, which is what `bpf_core_type_matches` asks (libbpf's
 * `__bpf_core_types_match`): the target may have more members and enumerators, not fewer.
 */
export function typesMatch(local: TypeRef, target: TypeRef, budget: StepBudget): boolean {
  return match({ local, target, budget, behindPointer: false, level: MAX_DEPTH });
}

function match(comparison: Comparison): boolean {
  comparison.budget.take();
  if (comparison.level <= 0) {
    throw new SpecError(`CO-RE types are nested more than ${MAX_DEPTH} deep`);
  }
  const a = skipModifiers(comparison.local.btf, comparison.local.id);
  const b = skipModifiers(comparison.target.btf, comparison.target.id);
  if (!sameName(a.name, b.name)) return false;
  switch (a.kind) {
    case 'void':
      return b.kind === 'void';
    case 'fwd':
      return matchForward(a.of, b, comparison.behindPointer);
    case 'enum':
    case 'enum64':
      return isEnum(b) && enumsMatch(a, b, comparison.budget);
    case 'struct':
    case 'union':
      return matchComposite(a, b, comparison);
    case 'int':
      return b.kind === 'int' && a.sizeBytes === b.sizeBytes && a.signed === b.signed;
    case 'ptr':
      return (
        b.kind === 'ptr' && descend({ ...comparison, behindPointer: true }, a.typeId, b.typeId)
      );
    case 'array':
      return b.kind === 'array' && a.length === b.length && descend(comparison, a.typeId, b.typeId);
    case 'func_proto':
      return (
        b.kind === 'func_proto' &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every(({ typeId }, i) =>
          descend(comparison, typeId, b.parameters[i]!.typeId),
        ) &&
        descend(comparison, a.typeId, b.typeId)
      );
    default:
      return false;
  }
}

function descend(comparison: Comparison, localId: number, targetId: number): boolean {
  return match({
    ...comparison,
    local: { btf: comparison.local.btf, id: localId },
    target: { btf: comparison.target.btf, id: targetId },
    level: comparison.level - 1,
  });
}

/** Names but for their flavour; an anonymous target takes an anonymous type only (`bpf_core_names_match`). */
function sameName(local: string, target: string): boolean {
  return target === '' ? local === '' : essentialName(local) === essentialName(target);
}

function matchForward(of: 'struct' | 'union', target: BtfType, behindPointer: boolean): boolean {
  if (target.kind === 'fwd') return target.of === of;
  return behindPointer && target.kind === of;
}

function enumsMatch(local: BtfEnum, target: BtfEnum, budget: StepBudget): boolean {
  budget.take(local.values.length + target.values.length);
  if (local.sizeBytes !== target.sizeBytes || local.values.length > target.values.length) {
    return false;
  }
  const names = new Set(target.values.map(({ name }) => essentialName(name)));
  return local.values.every(({ name }) => names.has(essentialName(name)));
}

function matchComposite(local: BtfComposite, target: BtfType, comparison: Comparison): boolean {
  if (comparison.behindPointer) {
    return target.kind === local.kind || (target.kind === 'fwd' && target.of === local.kind);
  }
  if (target.kind !== 'struct' && target.kind !== 'union') return false;
  if (target.kind !== local.kind || local.members.length > target.members.length) return false;
  return local.members.every((member) => {
    comparison.budget.take(target.members.length);
    return target.members.some(
      (candidate) =>
        sameName(member.name, candidate.name) &&
        descend(comparison, member.typeId, candidate.typeId),
    );
  });
}
