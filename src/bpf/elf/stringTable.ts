const MAX_STRING_BYTES = 0x1_0000;

/**
 * A table of NUL-terminated strings: `.strtab` of ELF, the string section of BTF.
 *
 * The table is decoded once and each string is a slice of that one text, so a file whose entries all point at one long
 * string costs no memory for each of them.
 */
export class StringTable {
  readonly #text: string;
  readonly #fail: (message: string) => Error;

  /** @param fail makes the error to throw from a message that starts with "string" */
  constructor(bytes: Uint8Array, fail: (message: string) => Error) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    this.#fail = fail;
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
    return decodeUtf8(this.#text.slice(offset, end));
  }
}

/** Source lines may hold UTF-8; names are ASCII and stay slices. */
function decodeUtf8(latin1: string): string {
  for (let i = 0; i < latin1.length; i++) {
    if (latin1.charCodeAt(i) >= 0x80) return Buffer.from(latin1, 'latin1').toString('utf8');
  }
  return latin1;
}
