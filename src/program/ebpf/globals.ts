import type { BtfValue } from '../../bpf/btf/formatValue.js';
import { BpfObjectError } from '../../bpf/elf/objectError.js';
import type { ObjectSpec } from '../../bpf/spec/objectSpec.js';
import { setVariable } from '../../bpf/spec/setVariable.js';
import { ProgramLoadError } from '../loadError.js';

/**
 * The object with global variables set, constants included.
 *
 * @param globals values as JSON has them: numbers, text, enumerators by name, structs as objects. Unchecked: what does not
 * fit its variable is a `ProgramLoadError`.
 */
export function withGlobals(
  object: ObjectSpec,
  globals: Readonly<Record<string, unknown>>,
): ObjectSpec {
  let changed = object;
  for (const [name, value] of Object.entries(globals)) {
    try {
      changed = setVariable(changed, name, value as BtfValue);
    } catch (error) {
      if (!isMisfit(error)) throw error;
      const prefix = error.message.startsWith(object.name) ? '' : `${object.name}: `;
      throw new ProgramLoadError(`${prefix}${error.message}`, { cause: error });
    }
  }
  return changed;
}

function isMisfit(error: unknown): error is Error {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof BpfObjectError
  );
}
