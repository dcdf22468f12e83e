import { encodeValue } from '../btf/encodeValue.js';
import type { BtfValue } from '../btf/formatValue.js';
import type { MapSpec, ObjectSpec, VariableSpec } from './objectSpec.js';

/**
 * The object with one global variable set before load, `.rodata` and `.kconfig` included; the given object stays as it
 * was.
 *
 * @param value in the form of `formatValue`, or the variable's bytes. Without BTF only bytes will do.
 * @throws RangeError when no variable has that name, or the value does not fit
 * @throws TypeError when the value is of the wrong kind for the variable's type
 */
export function setVariable(
  object: ObjectSpec,
  name: string,
  value: BtfValue | Uint8Array,
): ObjectSpec {
  const { map, variable } = findVariable(object, name);
  const bytes = map.data!.bytes.slice();
  bytes.set(variableBytes(object, variable, value), variable.offset);
  const changed: MapSpec = { ...map, data: { ...map.data!, bytes } };
  return { ...object, maps: object.maps.map((other) => (other === map ? changed : other)) };
}

function findVariable(object: ObjectSpec, name: string): { map: MapSpec; variable: VariableSpec } {
  for (const map of object.maps) {
    const variable = map.data?.variables.find((candidate) => candidate.name === name);
    if (variable !== undefined) return { map, variable };
  }
  const names = object.maps.flatMap(
    (map) => map.data?.variables.map((variable) => variable.name) ?? [],
  );
  throw new RangeError(
    `${object.name}: no global variable '${name}', expected one of: ${names.join(', ')}`,
  );
}

function variableBytes(
  object: ObjectSpec,
  variable: VariableSpec,
  value: BtfValue | Uint8Array,
): Uint8Array {
  const { name, sizeBytes, typeId } = variable;
  if (!(value instanceof Uint8Array)) {
    if (object.btf === undefined || typeId === undefined) {
      throw new TypeError(
        `${object.name}: variable ${name} has no type information, expected its ${sizeBytes} bytes`,
      );
    }
    return encodeValue(object.btf, typeId, value, name);
  }
  if (value.length !== sizeBytes) {
    throw new RangeError(
      `${object.name}: variable ${name} takes ${sizeBytes} bytes, found ${value.length}`,
    );
  }
  return value;
}
