import { Refusal } from '../arena/layout.generated.js';

const reasons: Readonly<Record<number, string>> = {
  [Refusal.NOT_MEMORY]: 'is not memory that the program may use',
  [Refusal.NOT_A_MAP]: 'is not a map',
  [Refusal.MAP_TYPE]: 'is a map of a type that the helper does not take',
  [Refusal.MAP_ACCESS]: 'is a map that programs may not use in this way',
  [Refusal.NOT_CONTEXT]: 'is not the context',
  [Refusal.NOT_RESERVED]: 'is not a record that the run has reserved',
  [Refusal.NOT_CALLBACK]: 'is not a function of the program',
  [Refusal.SPIN_LOCK]:
    'is a lock that was never given back, or that the run holds already or does not hold',
  [Refusal.FORMAT]: 'is not a format that the kernel takes',
  [Refusal.NOT_DYNPTR]: 'is not a dynptr',
  [Refusal.NOT_SOCKET]: 'is not a socket that a lookup has found',
};

/**
 * A helper's refusal (`Fault.detail`) in words, such as `argument 2 (0x0) is not memory that the program may use`.
 *
 * @param shown what stands for the value; the value itself by default
 */
export function explainRefusal(detail: bigint, shown?: string): string {
  const argument = (detail >> 72n) & 0xffn;
  const value = BigInt.asUintN(64, detail);
  const reason = reasons[Number((detail >> 64n) & 0xffn)] ?? 'was refused';
  return `argument ${argument} (${shown ?? `0x${value.toString(16)}`}) ${reason}`;
}
