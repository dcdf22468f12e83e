import { UsageError } from '../usageError.js';

/** The one operand of a command. */
export function onlyOperand(operands: readonly string[], name: string): string {
  const [operand, ...more] = operands;
  if (operand === undefined) throw new UsageError(`expected ${name}, found nothing`);
  if (more.length > 0) throw new UsageError(`expected one ${name}, found ${operands.length}`);
  return operand;
}
