import swc from '@swc/wasm-typescript';

/** What swc throws is no Error. */
interface SwcFailure {
  readonly message: string;
  readonly startLine: number;
  /** From 0. */
  readonly startColumn: number;
}

/**
 * TypeScript without its types: blanks stand in their place, so lines and columns stay.
 *
 * @throws SyntaxError that names `path`, line and column; also for what cannot be stripped, such as an enum
 */
export function stripTypes(source: string, path: string): string {
  try {
    return swc.transformSync(source, { mode: 'strip-only', module: true }).code;
  } catch (failure) {
    const { message, startLine, startColumn } = failure as SwcFailure;
    throw new SyntaxError(`${path}:${startLine}:${startColumn + 1}: ${message}`);
  }
}
