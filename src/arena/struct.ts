/** One field of a struct of the data plane (`layout.generated.ts`). */
export interface Field {
  /** Bytes from the struct's address. */
  readonly offset: number;
  readonly kind: FieldKind;
}

export type FieldKind = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'f64';

export function field(offset: number, kind: FieldKind): Field {
  return { offset, kind };
}
