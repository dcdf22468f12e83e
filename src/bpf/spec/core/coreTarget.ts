import type { Btf } from '../../btf/btf.js';
import { type BtfType, typeLabel } from '../../btf/btfType.js';
import { essentialName } from '../../btf/essentialName.js';
import { SpecError } from '../specError.js';
import { type AccessSpec, formatAccess } from './accessSpec.js';
import { sameKind } from './compatibleTypes.js';
import { matchAccess } from './matchAccess.js';
import { type RelocatedValue, relocatedValue } from './relocatedValue.js';
import { StepBudget } from './stepBudget.js';

/** The types that a program is adapted to, and which of them its own types have matched so far. */
export class CoreTarget {
  readonly btf: Btf;
  readonly #local: Btf;
  readonly #budget = new StepBudget();
  /** For each root type the target's types that are it or a flavour of it, fewer once some have matched. */
  readonly #candidates = new Map<number, readonly BtfType[]>();

  constructor(local: Btf, btf: Btf) {
    this.#local = local;
    this.btf = btf;
  }

  /**
   * What an access evaluates to in the target (libbpf's `bpf_core_calc_relo_insn`).
   *
   * @returns undefined when the instruction has to be poisoned
   * @throws SpecError when candidates disagree
   */
  resolve(access: AccessSpec): RelocatedValue | undefined {
    const matches = this.#candidatesOf(access.rootTypeId).flatMap((type) => {
      const found = matchAccess(access, this.btf, type.id, this.#budget);
      return found === undefined ? [] : [{ type, found, value: relocatedValue(access, found) }];
    });
    const [first] = matches;
    if (first === undefined) return relocatedValue(access, undefined);
    const other = matches.find(
      ({ found, value }) =>
        found.bitOffset !== first.found.bitOffset || value?.value !== first.value?.value,
    );
    if (other !== undefined) {
      const both = `${formatAccess(first.found)} and ${formatAccess(other.found)}`;
      throw new SpecError(`CO-RE relocation ${formatAccess(access)} is ambiguous: ${both}`);
    }
    this.#candidates.set(
      access.rootTypeId,
      matches.map(({ type }) => type),
    );
    return first.value;
  }

  #candidatesOf(rootTypeId: number): readonly BtfType[] {
    const known = this.#candidates.get(rootTypeId);
    if (known !== undefined) return known;
    const root = this.#local.type(rootTypeId);
    if (root.name === '') {
      throw new SpecError(`CO-RE relocation of ${typeLabel(root)}: an anonymous type has no match`);
    }
    const found = this.btf
      .candidates(essentialName(root.name))
      .filter((type) => sameKind(root, type));
    this.#candidates.set(rootTypeId, found);
    return found;
  }
}
