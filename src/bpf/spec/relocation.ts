/**
 * What an instruction refers to, by name. `insnIndex` counts slots from the start of the program.
 *
 * - `map`: LD_IMM64 of the address of a map (BPF_PSEUDO_MAP_FD)
 * - `mapValue`: LD_IMM64 of an address in a global data map (BPF_PSEUDO_MAP_VALUE)
 * - `function`: LD_IMM64 of a callback (BPF_PSEUDO_FUNC); resolved already, imm is relative as in the kernel
 * - `call`: call of a subprogram (BPF_PSEUDO_CALL); resolved already
 * - `kfunc`: call of a kernel function (BPF_PSEUDO_KFUNC_CALL)
 * - `ksym`: LD_IMM64 of the address of a kernel variable or function; a weak one may be 0
 */
export type Relocation =
  | { readonly kind: 'map'; readonly insnIndex: number; readonly map: string }
  | {
      readonly kind: 'mapValue';
      readonly insnIndex: number;
      readonly map: string;
      /** Byte in the map's value. */
      readonly offset: number;
      /** The variable that the byte is in. */
      readonly variable: string | undefined;
    }
  | { readonly kind: 'function' | 'call'; readonly insnIndex: number; readonly function: string }
  | KernelReference;

export interface KernelReference {
  readonly kind: 'kfunc' | 'ksym';
  readonly insnIndex: number;
  readonly name: string;
  readonly weak: boolean;
}

/** Relocations that linking has to ask for. */
export type OpenRelocation = Exclude<Relocation, { readonly kind: 'function' | 'call' }>;

export function isOpen(relocation: Relocation): relocation is OpenRelocation {
  return relocation.kind !== 'function' && relocation.kind !== 'call';
}
