import type { Btf } from '../../btf/btf.js';
import type { CoreRecord } from '../../btf/btfExt.js';
import { BpfObjectError } from '../../elf/objectError.js';
import { insnCount } from '../insn.js';
import { lineAt, type ProgramSpec, type Unsupported } from '../objectSpec.js';
import { SpecError } from '../specError.js';
import { formatAccess, parseAccess } from './accessSpec.js';
import { CoreTarget } from './coreTarget.js';
import { patchCore, poison } from './patchCore.js';
import { relocatedValue } from './relocatedValue.js';

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
  const system = target && new CoreTarget(local, target);
  const poisoned: Unsupported[] = [];
  const failed: Unsupported[] = [];
  for (const record of program.coreRelocations) {
    try {
      const reason = relocate(code, record, local, system);
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
  target: CoreTarget | undefined,
): string | undefined {
  const { insnIndex } = record;
  if (insnIndex >= insnCount(code)) {
    throw new SpecError(`CO-RE relocation at instruction ${insnIndex}, past the end`);
  }
  const access = parseAccess(local, record);
  const from = relocatedValue(access, access);
  // The id of a local type is the same whatever the target.
  const isLocal = target === undefined || record.kind === 'local_type_id';
  const to = isLocal ? from : target.resolve(access);
  const system = target?.btf ?? local;
  if (from === undefined || to === undefined) {
    poison(code, insnIndex);
    return `CO-RE relocation ${formatAccess(access)} has no match in ${system.name}`;
  }
  if (patchCore(code, insnIndex, { ...from, btf: local }, { ...to, btf: system })) return undefined;
  poison(code, insnIndex);
  return `CO-RE relocation ${formatAccess(access)} accesses a field of another size or sign in ${system.name}`;
}
