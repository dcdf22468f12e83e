const MAX_STRING_BYTES = 0x1_0000;
const NOT_ASCII = /[\x80-\xff]/;

/**
 * A table of NUL-terminated strings: `.strtab` of ELF, the string section of BTF.
 *
 * The table is decoded once and each string is a slice of that one text, so a file whose entries all point into one long
 * string costs neither memory nor time for each of them. Source lines that are not ASCII are copies, within a budget.
 */
export class StringTable {
  readonly #text: string;
  readonly #isAllAscii: boolean;
  readonly #fail: (message: string) => Error;
  /** By offset of the NUL that ends it: whether the whole string, of which entries may use a tail, is ASCII. */
  readonly #isAscii = new Map<number, boolean>();
  readonly #decoded = new Map<number, string>();
  /** An honest table has each byte decoded once. */
  #decodeBudgetBytes: number;

  /** @param fail makes the error to throw from a message that starts with "string" */
  constructor(bytes: Uint8Array, fail: (message: string) => Error) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    this.#isAllAscii = !NOT_ASCII.test(this.#text);
    this.#fail = fail;
    this.#decodeBudgetBytes = bytes.length * 4;
  }

  /**
   * The string that starts at byte `offset`.
   *
   * @throws the table's own error when the offset lies outside, or no NUL follows within 64 KiB
   */
  at(offset: number): string {
    if (offset >= this.#text.length) {
      if (offset === 0) return '';
      throw this.#fail(`string at offset ${offset}: the table has ${this.#text.length} bytes`);
    }
    const end = this.#text.indexOf('\0', offset);
    if (end < 0 || end - offset > MAX_STRING_BYTES) {
      throw this.#fail(
        `string at offset ${offset}: expected a NUL within ${MAX_STRING_BYTES} bytes, found none`,
      );
    }
    return this.#endsAscii(end) ? this.#text.slice(offset, end) : this.#decode(offset, end);
  }

  #endsAscii(end: number): boolean {
    if (this.#isAllAscii) return true;
    const known = this.#isAscii.get(end);
    if (known !== undefined) return known;
    const start = end === 0 ? 0 : this.#text.lastIndexOf('\0', end - 1) + 1;
    const isAscii = !NOT_ASCII.test(this.#text.slice(start, end));
    this.#isAscii.set(end, isAscii);
    return isAscii;
  }

  #decode(offset: number, end: number): string {
    const known = this.#decoded.get(offset);
    if (known !== undefined) return known;
    this.#decodeBudgetBytes -= end - offset;
    if (this.#decodeBudgetBytes < 0) {
      throw this.#fail(`string at offset ${offset}: too many strings overlap`);
    }
    const text = Buffer.from(this.#text.slice(offset, end), 'latin1').toString('utf8');
    this.#decoded.set(offset, text);
    return text;
  }
}
