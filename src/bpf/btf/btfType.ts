/**
 * The types of BTF as plain values, one shape for each `BTF_KIND_*` up to Linux 6.18 (Documentation/bpf/btf.rst).
 *
 * `id` is the index in the type section; id 0 is `void`. `name` is '' for anonymous types. `typeId` is the type that a
 * type refers to.
 */
export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfPointer
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfForward
  | BtfModifier
  | BtfFunction
  | BtfFunctionProto
  | BtfVariable
  | BtfDataSection
  | BtfFloat
  | BtfDeclTag;

export type BtfKind = BtfType['kind'];

/** The shape of a kind; `struct` and `union` share one. */
export type BtfTypeOf<K extends BtfKind> = { [T in BtfType as T['kind']]: T }[K];

interface Common {
  readonly id: number;
  readonly name: string;
}

export interface BtfVoid extends Common {
  readonly kind: 'void';
}

export interface BtfInt extends Common {
  readonly kind: 'int';
  readonly sizeBytes: number;
  readonly bits: number;
  /** Non-zero only in the bit-field integers of compilers before kind_flag. */
  readonly bitOffset: number;
  readonly signed: boolean;
  readonly char: boolean;
  readonly bool: boolean;
}

export interface BtfPointer extends Common {
  readonly kind: 'ptr';
  readonly typeId: number;
}

export interface BtfArray extends Common {
  readonly kind: 'array';
  readonly typeId: number;
  readonly indexTypeId: number;
  readonly length: number;
}

export interface BtfMember {
  readonly name: string;
  readonly typeId: number;
  /** From the start of the struct. */
  readonly bitOffset: number;
  /** Width of a bit-field, 0 for an ordinary member. */
  readonly bitfieldBits: number;
}

export interface BtfComposite extends Common {
  readonly kind: 'struct' | 'union';
  readonly sizeBytes: number;
  readonly members: readonly BtfMember[];
}

export interface BtfEnumerator {
  readonly name: string;
  readonly value: bigint;
}

export interface BtfEnum extends Common {
  readonly kind: 'enum' | 'enum64';
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly values: readonly BtfEnumerator[];
}

export interface BtfForward extends Common {
  readonly kind: 'fwd';
  readonly of: 'struct' | 'union';
}

/** Typedefs and qualifiers: they rename a type and leave its layout alone. */
export interface BtfModifier extends Common {
  readonly kind: 'typedef' | 'volatile' | 'const' | 'restrict' | 'type_tag';
  readonly typeId: number;
}

export type BtfLinkage = 'static' | 'global' | 'extern';

export interface BtfFunction extends Common {
  readonly kind: 'func';
  /** Its `func_proto`. */
  readonly typeId: number;
  readonly linkage: BtfLinkage;
}

export interface BtfParameter {
  readonly name: string;
  /** 0 for the `...` of a variadic function. */
  readonly typeId: number;
}

export interface BtfFunctionProto extends Common {
  readonly kind: 'func_proto';
  /** The type that is returned. */
  readonly typeId: number;
  readonly parameters: readonly BtfParameter[];
}

export interface BtfVariable extends Common {
  readonly kind: 'var';
  readonly typeId: number;
  readonly linkage: BtfLinkage;
}

export interface BtfSectionVariable {
  readonly typeId: number;
  /** As the compiler left it, which for global variables is 0: the ELF symbol has the offset. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface BtfDataSection extends Common {
  readonly kind: 'datasec';
  readonly sizeBytes: number;
  readonly variables: readonly BtfSectionVariable[];
}

export interface BtfFloat extends Common {
  readonly kind: 'float';
  readonly sizeBytes: number;
}

export interface BtfDeclTag extends Common {
  readonly kind: 'decl_tag';
  readonly typeId: number;
  /** Member or parameter that is tagged, -1 for the whole declaration. */
  readonly componentIndex: number;
}

/** A readable name for messages: `struct foo`, `int`, `ptr <anon>`. */
export function typeLabel(type: BtfType): string {
  if (type.kind === 'void') return 'void';
  return `[${type.id}] ${type.kind} ${type.name === '' ? '<anon>' : type.name}`;
}
