import type { StringTable } from '../elf/stringTable.js';
import { BtfError } from './btfError.js';
import type { BtfKind, BtfType, BtfTypeOf } from './btfType.js';
import { essentialName } from './essentialName.js';

/** The kernel takes no longer names (`btf_name_valid`), and hostile ones would make the index slow. */
const KSYM_NAME_LEN = 512;

/** All types of one object or kernel, and the strings that `.BTF.ext` shares with them. */
export class Btf {
  /** What errors call it: a file name. */
  readonly name: string;
  /** Index is the type id; entry 0 is `void`. */
  readonly types: readonly BtfType[];
  readonly strings: StringTable;
  #byEssentialName: ReadonlyMap<string, readonly BtfType[]> | undefined;

  constructor(name: string, types: readonly BtfType[], strings: StringTable) {
    this.name = name;
    this.types = types;
    this.strings = strings;
  }

  /** @throws BtfError when there is no type with this id */
  type(id: number): BtfType {
    const type = this.types[id];
    if (type === undefined) {
      throw new BtfError(`${this.name}: type ${id} does not exist, there are ${this.types.length}`);
    }
    return type;
  }

  /** The first type of that kind and name. */
  find<K extends BtfKind>(kind: K, name: string): BtfTypeOf<K> | undefined {
    const found = this.candidates(essentialName(name)).find(
      (type) => type.kind === kind && type.name === name,
    );
    return found as BtfTypeOf<K> | undefined;
  }

  /** All named types that are `essential` or a flavour of it, in order of id. */
  candidates(essential: string): readonly BtfType[] {
    this.#byEssentialName ??= indexByEssentialName(this.types);
    return this.#byEssentialName.get(essential) ?? [];
  }
}

function indexByEssentialName(types: readonly BtfType[]): Map<string, BtfType[]> {
  const index = new Map<string, BtfType[]>();
  for (const type of types) {
    if (type.name === '' || type.name.length >= KSYM_NAME_LEN) continue;
    const essential = essentialName(type.name);
    const flavours = index.get(essential);
    if (flavours === undefined) index.set(essential, [type]);
    else flavours.push(type);
  }
  return index;
}
