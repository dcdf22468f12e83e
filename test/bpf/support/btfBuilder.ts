/** Kind numbers of include/uapi/linux/btf.h. */
export const KIND = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** Writes raw BTF word by word, so that tests can say things that no compiler would. */
export class BtfBuilder {
  readonly #words: number[] = [];
  readonly #strings: number[] = [0];
  #nextId = 1;

  /** Offset of a string; '' is 0. */
  string(text: string): number {
    if (text === '') return 0;
    const offset = this.#strings.length;
    this.#strings.push(...Buffer.from(text, 'utf8'), 0);
    return offset;
  }

  /** Adds a type and returns its id; `tail` is what follows the three common words. */
  add(
    kind: number,
    name: string,
    {
      vlen = 0,
      kindFlag = false,
      sizeOrType = 0,
    }: { vlen?: number; kindFlag?: boolean; sizeOrType?: number },
    tail: readonly number[] = [],
  ): number {
    this.#words.push(
      this.string(name),
      ((kindFlag ? 1 << 31 : 0) | (kind << 24) | vlen) >>> 0,
      sizeOrType,
      ...tail,
    );
    return this.#nextId++;
  }

  int(name: string, sizeBytes: number, encoding = 0): number {
    return this.add(KIND.INT, name, { sizeOrType: sizeBytes }, [
      ((encoding << 24) | (sizeBytes * 8)) >>> 0,
    ]);
  }

  pointer(typeId: number): number {
    return this.add(KIND.PTR, '', { sizeOrType: typeId });
  }

  array(typeId: number, length: number): number {
    return this.add(KIND.ARRAY, '', {}, [typeId, typeId, length]);
  }

  /** @param members name, type and offset in bits of each */
  struct(
    name: string,
    sizeBytes: number,
    members: readonly (readonly [string, number, number])[],
  ): number {
    const tail = members.flatMap(([member, typeId, bitOffset]) => [
      this.string(member),
      typeId,
      bitOffset,
    ]);
    return this.add(KIND.STRUCT, name, { vlen: members.length, sizeOrType: sizeBytes }, tail);
  }

  build(): Uint8Array {
    const typeBytes = this.#words.length * 4;
    const bytes = new Uint8Array(24 + typeBytes + this.#strings.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xeb9f, true);
    view.setUint8(2, 1);
    for (const [i, word] of [24, 0, typeBytes, typeBytes, this.#strings.length].entries()) {
      view.setUint32(4 + i * 4, word, true);
    }
    for (const [i, word] of this.#words.entries()) view.setUint32(24 + i * 4, word, true);
    bytes.set(this.#strings, 24 + typeBytes);
    return bytes;
  }
}
