/** The types of bpftrace's expressions and maps. */
export type Type =
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly isSigned: boolean }
  | { readonly kind: 'string'; readonly bytes: number }
  /** `to` is a C type; a context is what `args` is. */
  | { readonly kind: 'pointer'; readonly to: string; readonly isContext: boolean }
  | { readonly kind: 'sum' | 'min' | 'max'; readonly isSigned: boolean }
  | { readonly kind: 'none' | 'probe' | 'timestamp' }
  | { readonly kind: 'count' | 'avg' | 'stats' | 'hist' | 'lhist' };

export type TypeKind = Type['kind'];

export const NONE: Type = { kind: 'none' };
export const INT64: Type = { kind: 'integer', bytes: 8, isSigned: true };
export const UINT64: Type = { kind: 'integer', bytes: 8, isSigned: false };
export const PROBE: Type = { kind: 'probe' };
export const TIMESTAMP: Type = { kind: 'timestamp' };

/** `current->comm` with its end. */
export const COMM_BYTES = 16;
/** What `str` and the strings of ?: have room for. */
export const STRING_BYTES = 64;

export const integerOf = (isSigned: boolean): Type => (isSigned ? INT64 : UINT64);
export const stringOf = (bytes: number): Type => ({ kind: 'string', bytes });

/** Types that a cast names. */
export const castTypes: ReadonlyMap<string, Type> = new Map(
  ([1, 2, 4, 8] as const).flatMap((bytes): [string, Type][] => [
    [`int${bytes * 8}`, { kind: 'integer', bytes, isSigned: true }],
    [`uint${bytes * 8}`, { kind: 'integer', bytes, isSigned: false }],
  ]),
);

export function isSigned(type: Type): boolean {
  switch (type.kind) {
    case 'integer':
    case 'sum':
    case 'min':
    case 'max':
      return type.isSigned;
    case 'count':
    case 'avg':
    case 'stats':
      return true;
    default:
      return false;
  }
}

/** What only a map keeps: results of `count()` and its like. */
export function isAggregate({ kind }: Type): boolean {
  return aggregates.has(kind);
}

const aggregates: ReadonlySet<TypeKind> = new Set<TypeKind>([
  ...(['count', 'sum', 'min', 'max', 'avg', 'stats', 'hist', 'lhist'] as const),
]);

/** A type as messages have it. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'integer':
      return `${type.isSigned ? '' : 'unsigned '}int${type.bytes * 8}`;
    case 'string':
      return `string[${type.bytes}]`;
    case 'pointer':
      return `${type.isContext ? '(ctx) ' : ''}${type.to} *`;
    default:
      return type.kind;
  }
}
