import type { Btf } from '../../btf/btf.js';
import { essentialName } from '../../btf/essentialName.js';
import { resolveSize, skipModifiers } from '../../btf/resolveType.js';
import { SpecError } from '../specError.js';
import {
  type Accessor,
  type AccessSpec,
  emptyAccess,
  holdsIndex,
  isEnum,
  isEnumBased,
  isTypeBased,
  tooDeep,
} from './accessSpec.js';
import { fieldsAreCompatible, typesAreCompatible } from './compatibleTypes.js';
import { typesMatch } from './matchTypes.js';
import type { StepBudget } from './stepBudget.js';

/**
 * The same access in another BTF, beginning at candidate type `targetId` (libbpf's `bpf_core_spec_match`).
 *
 * @returns undefined when the candidate has no such field, or one of an incompatible type
 * @throws SpecError when the types are nested too deeply to compare
 */
export function matchAccess(
  local: AccessSpec,
  target: Btf,
  targetId: number,
  budget: StepBudget,
): AccessSpec | undefined {
  const found = emptyAccess(target, local.kind, targetId);
  if (isTypeBased(local.kind)) {
    const compare = local.kind === 'type_matches' ? typesMatch : typesAreCompatible;
    const same = compare(
      { btf: local.btf, id: local.rootTypeId },
      { btf: target, id: targetId },
      budget,
    );
    return same ? found : undefined;
  }
  if (isEnumBased(local.kind)) return matchEnumerator(local, found, budget);
  let typeId: number | undefined = targetId;
  for (const [i, accessor] of local.accessors.entries()) {
    if (accessor.name !== undefined) {
      typeId = matchMember(local.btf, accessor, found, typeId, budget);
    } else typeId = matchIndex(accessor, i === 0, found, typeId);
    if (typeId === undefined) return undefined;
  }
  return found;
}

function matchEnumerator(
  local: AccessSpec,
  found: AccessSpec,
  budget: StepBudget,
): AccessSpec | undefined {
  const type = skipModifiers(found.btf, found.rootTypeId);
  if (!isEnum(type)) return undefined;
  budget.take(type.values.length);
  const wanted = essentialName(local.accessors[0]?.name ?? '');
  const index = type.values.findIndex(({ name }) => essentialName(name) === wanted);
  if (index < 0) return undefined;
  found.accessors.push({ type, index, name: type.values[index]!.name });
  found.raw.push(index);
  return found;
}

/** The type of the element, or undefined when the target is no array that long. */
function matchIndex(
  accessor: Accessor,
  isRoot: boolean,
  found: AccessSpec,
  typeId: number,
): number | undefined {
  let element = skipModifiers(found.btf, typeId);
  if (!isRoot) {
    // The first index is that of `s[0].field`, where the type is the element's already.
    if (element.kind !== 'array' || !holdsIndex(found, element, accessor.index)) return undefined;
    element = skipModifiers(found.btf, element.typeId);
  }
  refuseDepth(found);
  found.accessors.push({ type: element, index: accessor.index, name: undefined });
  found.raw.push(accessor.index);
  found.bitOffset += accessor.index * resolveSize(found.btf, element.id) * 8;
  return element.id;
}

/**
 * Looks for a field by name, in anonymous structs and unions too; on success `found` leads to it and its type is
 * returned (libbpf's `bpf_core_match_member`).
 */
function matchMember(
  localBtf: Btf,
  accessor: Accessor,
  found: AccessSpec,
  typeId: number,
  budget: StepBudget,
): number | undefined {
  const type = skipModifiers(found.btf, typeId);
  if (type.kind !== 'struct' && type.kind !== 'union') return undefined;
  for (const [index, member] of type.members.entries()) {
    budget.take();
    if (member.name !== '' && member.name !== accessor.name) continue;
    refuseDepth(found);
    found.bitOffset += member.bitOffset;
    found.raw.push(index);
    if (member.name !== '') {
      found.accessors.push({ type, index, name: member.name });
      const target = { btf: found.btf, id: member.typeId };
      return fieldsAreCompatible({ btf: localBtf, id: fieldTypeId(accessor) }, target)
        ? member.typeId
        : undefined;
    }
    const inner = matchMember(localBtf, accessor, found, member.typeId, budget);
    if (inner !== undefined) return inner;
    found.bitOffset -= member.bitOffset;
    found.raw.pop();
  }
  return undefined;
}

function fieldTypeId({ type, index }: Accessor): number {
  const member = type.kind === 'struct' || type.kind === 'union' ? type.members[index] : undefined;
  return member?.typeId ?? 0;
}

function refuseDepth(spec: AccessSpec): void {
  if (tooDeep(spec)) throw new SpecError('CO-RE access is nested too deeply in the target types');
}
