/** Builds captures byte by byte, in either byte order, with any defect: what the writers would never write. */
export class CaptureBuilder {
  readonly littleEndian: boolean;
  readonly #bytes: number[] = [];

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  u16(value: number): this {
    return this.#number(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.#number(BigInt(value), 4);
  }

  u64(value: bigint): this {
    return this.#number(value, 8);
  }

  raw(bytes: Iterable<number>): this {
    this.#bytes.push(...bytes);
    return this;
  }

  padded(bytes: ArrayLike<number>): this {
    return this.raw(Array.from(bytes)).raw(new Uint8Array(-bytes.length & 3));
  }

  option(code: number, value: ArrayLike<number>): this {
    return this.u16(code).u16(value.length).padded(value);
  }

  block(type: number, body: (inner: CaptureBuilder) => void): this {
    const inner = new CaptureBuilder(this.littleEndian);
    body(inner);
    const length = inner.#bytes.length + 12;
    return this.u32(type).u32(length).raw(inner.#bytes).u32(length);
  }

  section(): this {
    return this.block(0x0a0d0d0a, (b) =>
      b
        .u32(0x1a2b3c4d)
        .u16(1)
        .u16(0)
        .u64(2n ** 64n - 1n),
    );
  }

  interface(snapLength = 0, options: (inner: CaptureBuilder) => void = () => {}): this {
    return this.block(1, (b) => options(b.u16(1).u16(0).u32(snapLength)));
  }

  pcapHeader(magic: number, linkType = 1): this {
    return this.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(linkType);
  }

  build(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #number(value: bigint, length: number): this {
    for (let i = 0; i < length; i++) {
      const byte = this.littleEndian ? i : length - 1 - i;
      this.#bytes.push(Number((value >> BigInt(8 * byte)) & 0xffn));
    }
    return this;
  }
}
