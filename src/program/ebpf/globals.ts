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

/**
 * The object with what libbpf knows of the kernel for `.kconfig`: its version. Other options of the kernel's configuration
 * are 0 unless the user sets them as variables.
 */
export function withKernelVersion(object: ObjectSpec, kernel: string): ObjectSpec {
  const isAsked = object.maps.some(
    ({ name, data }) =>
      name === '.kconfig' && data?.variables.some((variable) => variable.name === VERSION),
  );
  const [major, minor] = kernel.split('.').map(Number) as [number, number];
  return isAsked ? withGlobals(object, { [VERSION]: (major << 16) | (minor << 8) }) : object;
}

const VERSION = 'LINUX_KERNEL_VERSION';

function isMisfit(error: unknown): error is Error {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof BpfObjectError
  );
}
