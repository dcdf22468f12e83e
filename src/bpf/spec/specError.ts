import { BpfObjectError } from '../elf/objectError.js';

/** The container is sound but what it says about programs or maps is not. */
export class SpecError extends BpfObjectError {
  override readonly name = 'SpecError';
}
