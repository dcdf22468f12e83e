import type { Descriptor, ValueInput, ValueOutput } from '../mapTrace.js';
import type { CpuEntry, DevEntry } from './objects.js';

/** `struct bpf_cpumap_val`, `struct bpf_devmap_val`; `programFd` is no program where the value has 4 bytes. */
export interface EntryValue {
  /** `qsize` or `ifindex`. */
  readonly first: number;
  readonly programFd: Descriptor;
}

const NO_PROGRAM = -1;

export function readU32(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE();
}

export function writeU32(...values: readonly number[]): string {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value, 4 * i);
  });
  return bytes.toString('hex');
}

export function entryValue(input: NonNullable<ValueInput>): EntryValue {
  if (typeof input === 'string') {
    const programFd = input.length === 16 ? readU32(input.slice(8)) | 0 : NO_PROGRAM;
    return { first: readU32(input), programFd };
  }
  if ('qsize' in input) return { first: input.qsize, programFd: input.prog ?? NO_PROGRAM };
  if ('ifindex' in input) return { first: input.ifindex, programFd: input.prog ?? NO_PROGRAM };
  throw new TypeError(`value ${JSON.stringify(input)}: expected qsize or ifindex`);
}

export function socketFd(input: NonNullable<ValueInput>): Descriptor {
  if (typeof input === 'string') return readU32(input) | 0;
  if ('socket' in input) return input.socket;
  throw new TypeError(`value ${JSON.stringify(input)}: expected socket`);
}

/** Symbols stand for positive numbers; `fd <= 0` means no program. */
export function namesProgram(fd: Descriptor): boolean {
  return typeof fd === 'string' || fd > 0;
}

/** A value as the kernel writes it: the program's id where its descriptor was. */
export function outputValue(entry: CpuEntry | DevEntry, valueSize: number): ValueOutput {
  const first = 'qsize' in entry ? entry.qsize : entry.device.ifindex;
  const name = 'qsize' in entry ? 'qsize' : 'ifindex';
  if (valueSize === 4) return { raw: writeU32(first), [name]: first };
  const raw = writeU32(first, entry.program?.progId ?? 0);
  return { raw, [name]: first, prog: entry.program?.id ?? 0 };
}
