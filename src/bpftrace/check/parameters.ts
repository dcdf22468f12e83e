import { type Int64, int64 } from '../values/int64.js';

/** Positional parameters: what follows the program on the command line. `$1` is the first. */
export class Parameters {
  readonly #values: readonly string[];

  constructor(values: readonly string[]) {
    this.#values = values;
  }

  get count(): number {
    return this.#values.length;
  }

  /** Empty where it was not given. */
  text(number: number): string {
    return this.#values[number - 1] ?? '';
  }

  /** 0 where it was not given; undefined where it is no number. */
  integer(number: number): Int64 | undefined {
    const text = this.text(number);
    if (text === '') return 0;
    return /^-?(?:0x[0-9a-f]+|[0-9]+)$/i.test(text) ? integerOf(text) : undefined;
  }
}

function integerOf(text: string): Int64 {
  return text.startsWith('-') ? int64(-BigInt(text.slice(1))) : int64(BigInt(text));
}
