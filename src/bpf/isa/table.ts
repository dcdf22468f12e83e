import { aluForms } from './aluForms.js';
import type { InsnForm } from './insn.js';
import { jumpForms } from './jumpForms.js';
import { memoryForms } from './memoryForms.js';

/** The instruction table: every form there is. */
export const insnForms: readonly InsnForm[] = [...aluForms, ...memoryForms, ...jumpForms];

/** Forms by opcode; an opcode without any is unknown. */
export const formsByOpcode: readonly (readonly InsnForm[])[] = Array.from(
  { length: 256 },
  (_, opcode) => insnForms.filter((form) => form.opcode === opcode),
);
