import { BpfObjectError } from '../elf/objectError.js';

/** Type information is broken, or a type cannot be used as asked. */
export class BtfError extends BpfObjectError {
  override readonly name = 'BtfError';
}
