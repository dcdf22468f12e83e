import type { Io } from '../io.js';

/** To the line's start, up by `lines`, and all from there on erased (ECMA-48 CUU, ED). */
const eraseUp = (lines: number) => `\r${lines > 0 ? `\u001b[${lines}A` : ''}\u001b[J`;

/** Blocks of text, each written over the one before on a terminal, and after it elsewhere. */
export class Screen {
  readonly #stdout: Io['stdout'];
  #shown = '';

  constructor({ stdout }: Pick<Io, 'stdout'>) {
    this.#stdout = stdout;
  }

  show(block: string): void {
    this.#write(block);
    this.#shown = block;
  }

  /** Writes what stays where it is. */
  print(text: string): void {
    this.#shown = '';
    this.#write(text);
  }

  /** On a terminal the run's progress may stand where the text goes. */
  #write(text: string): void {
    const over = this.#stdout.isTTY ? eraseUp(this.#linesOf(this.#shown)) : '';
    this.#stdout.write(`${over}${text}`);
  }

  /** Lines of the terminal: what is too long for one goes on in the next. */
  #linesOf(block: string): number {
    const width = this.#stdout.columns;
    const lines = block.split('\n').slice(0, -1);
    return lines.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / width)), 0);
  }
}
