import {
  CALL,
  PSEUDO_BTF_ID,
  PSEUDO_KFUNC_CALL,
  PSEUDO_MAP_FD,
  PSEUDO_MAP_VALUE,
  setImm,
  setImm64,
  setOff,
  setOpcode,
  setSrc,
} from './insn.js';
import { describeUnsupported, lineAt, type ProgramSpec } from './objectSpec.js';
import { isOpen, type KernelReference, type OpenRelocation } from './relocation.js';
import { SpecError } from './specError.js';

/**
 * What a reference is in the machine that the program is linked for.
 *
 * - `address`: the value that the register shall have: the address of the map, or of the map's value. `src` becomes 0.
 * - `fd`: a number for the map. `src` stays BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE (the offset in the high word), the
 *   form in which libbpf hands instructions to the kernel, and from which a compiler still sees which map is meant.
 *
 * Subprogram calls, callbacks and kfunc calls keep their pseudo `src` in both.
 */
export type LinkForm = 'address' | 'fd';

/**
 * Gives the number for a reference; undefined when there is none, which is an error unless the reference is weak.
 *
 * For `mapValue` it is asked for the address of byte `offset` in form `address`, and for the map in form `fd`; for
 * `kfunc` and `ksym` for the number of the function or symbol (in the kernel: a BTF id).
 */
export type Resolve = (reference: OpenRelocation) => bigint | undefined;

/** libbpf's POISON_CALL_KFUNC_BASE: a helper that does not exist, in place of a weak kfunc that does not. */
export const POISON_CALL_KFUNC = 2002000000;

/**
 * The final instructions of a program.
 *
 * @returns a new array; the spec is not changed
 * @throws SpecError when the program has something unsupported, CO-RE relocations that were not applied, or a reference
 * that `resolve` does not know; the message names program, section, instruction and source line
 */
export function linkProgram(
  program: ProgramSpec,
  resolve: Resolve,
  form: LinkForm = 'address',
): Uint8Array {
  const [obstacle] = program.unsupported;
  if (obstacle !== undefined) {
    throw new SpecError(`program ${program.name}: ${describeUnsupported(obstacle)}`);
  }
  if (program.coreRelocations.length > 0) {
    throw new SpecError(
      `program ${program.name}: ${program.coreRelocations.length} CO-RE relocations are not applied`,
    );
  }
  const code = program.instructions.slice();
  for (const relocation of program.relocations) {
    if (!isOpen(relocation)) continue;
    const value = resolve(relocation);
    if (value === undefined && !isWeak(relocation)) throw unresolved(program, relocation);
    patch(code, relocation, value, form);
  }
  return code;
}

function isWeak(relocation: OpenRelocation): boolean {
  return 'weak' in relocation && relocation.weak;
}

function patch(
  code: Uint8Array,
  relocation: OpenRelocation,
  value: bigint | undefined,
  form: LinkForm,
): void {
  const { insnIndex } = relocation;
  if (relocation.kind === 'kfunc' || relocation.kind === 'ksym') {
    patchKernelReference(code, relocation, value, form);
  } else if (form === 'address') {
    setSrc(code, insnIndex, 0);
    setImm64(code, insnIndex, value!);
  } else {
    const isValue = relocation.kind === 'mapValue';
    setSrc(code, insnIndex, isValue ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD);
    setImm(code, insnIndex, Number(value));
    setImm(code, insnIndex + 1, isValue ? relocation.offset : 0);
  }
}

function patchKernelReference(
  code: Uint8Array,
  { kind, insnIndex }: KernelReference,
  value: bigint | undefined,
  form: LinkForm,
): void {
  if (kind === 'ksym') {
    // A weak symbol that is not there has address 0, which the program can test.
    setSrc(code, insnIndex, form === 'fd' && value !== undefined ? PSEUDO_BTF_ID : 0);
    setImm64(code, insnIndex, value ?? 0n);
  } else if (value === undefined) {
    setOpcode(code, insnIndex, CALL);
    setSrc(code, insnIndex, 0);
    setImm(code, insnIndex, POISON_CALL_KFUNC);
  } else {
    setSrc(code, insnIndex, PSEUDO_KFUNC_CALL);
    setOff(code, insnIndex, 0);
    setImm(code, insnIndex, Number(value));
  }
}

function unresolved(program: ProgramSpec, relocation: OpenRelocation): SpecError {
  const name = 'map' in relocation ? relocation.map : relocation.name;
  const { insnIndex } = relocation;
  const line = lineAt(program.lines, insnIndex);
  const place = { section: program.section, insnIndex, ...(line !== undefined && { line }) };
  const reason = `${relocation.kind} '${name}' is not available`;
  return new SpecError(`program ${program.name}: ${describeUnsupported({ ...place, reason })}`);
}
