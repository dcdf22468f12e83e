import type { Btf } from '../../btf/btf.js';
import type { CoreRecord } from '../../btf/btfExt.js';
import { type BtfType, typeLabel } from '../../btf/btfType.js';
import { essentialName } from '../../btf/essentialName.js';
import { BpfObjectError } from '../../elf/objectError.js';
import { insnCount } from '../insn.js';
import { lineAt, type ProgramSpec, type Unsupported } from '../objectSpec.js';
import { SpecError } from '../specError.js';
import { type AccessSpec, formatAccess, parseAccess } from './accessSpec.js';
import { sameKind } from './compatibleTypes.js';
import { matchAccess } from './matchAccess.js';
import { patchCore, poison } from './patchCore.js';
import { type RelocatedValue, relocatedValue } from './relocatedValue.js';

/**
 * Adapts a program to the types of the system it is to run on: CO-RE, as libbpf does it (`bpf_object__relocate_core`).
 *
 * Without `target` the object's own types are the system's: every field is where the compiler saw it, every type and
 * field exists.
 *
 * An instruction whose field the target does not have is *poisoned*: it becomes a call of a helper that does not exist,
 * recorded in `poisoned`, and is an error only if it is reached. A relocation that makes no sense is added to
 * `unsupported`.
 *
 * @returns a program without open CO-RE relocations; the given one is not changed
 */
export function applyCoreRelocations(program: ProgramSpec, local: Btf, target?: Btf): ProgramSpec {
  if (program.coreRelocations.length === 0) return program;
  const code = program.instructions.slice();
  const candidates = new CandidateCache(local, target);
  const poisoned: Unsupported[] = [];
  const failed: Unsupported[] = [];
  for (const record of program.coreRelocations) {
    try {
      const reason = relocate(code, record, local, target, candidates);
      if (reason !== undefined) poisoned.push(place(program, record, reason));
    } catch (error) {
      if (!(error instanceof BpfObjectError)) throw error;
      failed.push(place(program, record, error.message));
    }
  }
  return {
    ...program,
    instructions: code,
    coreRelocations: [],
    poisoned: [...program.poisoned, ...poisoned],
    unsupported: [...program.unsupported, ...failed],
  };
}

function place(program: ProgramSpec, { insnIndex }: CoreRecord, reason: string): Unsupported {
  const line = lineAt(program.lines, insnIndex);
  return { reason, section: program.section, insnIndex, ...(line !== undefined && { line }) };
}

/** Patches one instruction; a reason when it had to be poisoned. */
function relocate(
  code: Uint8Array,
  record: CoreRecord,
  local: Btf,
  target: Btf | undefined,
  candidates: CandidateCache,
): string | undefined {
  const { insnIndex } = record;
  if (insnIndex >= insnCount(code))
    throw new SpecError(`CO-RE relocation at instruction ${insnIndex}, past the end`);
  const access = parseAccess(local, record);
  const from = relocatedValue(access, access);
  // The id of a local type is the same whatever the target.
  const isLocal = target === undefined || record.kind === 'local_type_id';
  const to = isLocal ? from : candidates.resolve(access);
  if (from === undefined || to === undefined) {
    poison(code, insnIndex);
    return `CO-RE relocation ${formatAccess(access)} has no match in ${target?.name ?? local.name}`;
  }
  if (patchCore(code, insnIndex, { ...from, btf: local }, { ...to, btf: target ?? local }))
    return undefined;
  poison(code, insnIndex);
  return `CO-RE relocation ${formatAccess(access)} accesses a field of another size or sign in ${target?.name ?? local.name}`;
}

/** For each root type the target's types that are it or a flavour of it, fewer once some have matched. */
class CandidateCache {
  readonly #local: Btf;
  readonly #target: Btf | undefined;
  readonly #byRoot = new Map<number, readonly BtfType[]>();

  constructor(local: Btf, target: Btf | undefined) {
    this.#local = local;
    this.#target = target;
  }

  /**
   * The value in the target, undefined when the instruction has to be poisoned.
   *
   * @throws SpecError when candidates disagree
   */
  resolve(access: AccessSpec): RelocatedValue | undefined {
    const target = this.#target!;
    const matches: {
      readonly type: BtfType;
      readonly access: AccessSpec;
      readonly value: RelocatedValue | undefined;
    }[] = [];
    for (const type of this.#candidates(access.rootTypeId)) {
      const found = matchAccess(access, target, type.id);
      if (found !== undefined)
        matches.push({ type, access: found, value: relocatedValue(access, found) });
    }
    const [first] = matches;
    if (first === undefined) return relocatedValue(access, undefined);
    for (const other of matches) {
      if (
        other.access.bitOffset === first.access.bitOffset &&
        other.value?.value === first.value?.value
      )
        continue;
      throw new SpecError(
        `CO-RE relocation ${formatAccess(access)} is ambiguous: ${formatAccess(first.access)} and ${formatAccess(other.access)}`,
      );
    }
    this.#byRoot.set(
      access.rootTypeId,
      matches.map(({ type }) => type),
    );
    return first.value;
  }

  #candidates(rootTypeId: number): readonly BtfType[] {
    const known = this.#byRoot.get(rootTypeId);
    if (known !== undefined) return known;
    const root = this.#local.type(rootTypeId);
    if (root.name === '')
      throw new SpecError(`CO-RE relocation of ${typeLabel(root)}: an anonymous type has no match`);
    const found = this.#target!.candidates(essentialName(root.name)).filter((type) =>
      sameKind(root, type),
    );
    this.#byRoot.set(rootTypeId, found);
    return found;
  }
}
