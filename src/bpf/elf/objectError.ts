/**
 * What every reader of an object file throws when the file is at fault: `ElfError`, `BtfError` and `SpecError` are its
 * subclasses. A caller that shows one message to the user catches this one class.
 */
export class BpfObjectError extends Error {
  override readonly name: string = 'BpfObjectError';
}

/** The ELF container is broken or not one of ours. */
export class ElfError extends BpfObjectError {
  override readonly name = 'ElfError';
}
