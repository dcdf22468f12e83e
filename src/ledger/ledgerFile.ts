import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { FileSink } from '../capture/sink.js';
import { LEDGER_VERSION, type LedgerEntry, type LedgerHead } from './entry.js';

/** Its name in the folder of a run. */
export const LEDGER_FILE = 'ledger.jsonl';

/** Writes entries as they come. */
export class LedgerWriter {
  readonly #sink: FileSink;
  readonly #encoder = new TextEncoder();

  /** @throws the error of `openSync` */
  constructor(path: string, clockOriginMs: number) {
    this.#sink = FileSink.create(path);
    this.#writeLine({ ledger: LEDGER_VERSION, clockOriginMs } satisfies LedgerHead);
  }

  readonly write = (entry: LedgerEntry): void => this.#writeLine(entry);

  #writeLine(line: LedgerHead | LedgerEntry): void {
    this.#sink.write(this.#encoder.encode(`${JSON.stringify(line)}\n`));
  }

  close(): void {
    this.#sink.close();
  }
}

/** A file that is no ledger. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/**
 * The entries of a ledger, one at a time: it may be longer than memory.
 *
 * @throws LedgerError, or the error of opening the file
 */
export async function* readLedger(path: string): AsyncGenerator<LedgerEntry> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number++;
    const value = parsed(line, path, number);
    if (number > 1) yield value as LedgerEntry;
    else if ((value as Partial<LedgerHead>).ledger !== LEDGER_VERSION) {
      throw new LedgerError(
        `${path}: expected a ledger of version ${LEDGER_VERSION}, found ${line.slice(0, 60)}`,
      );
    }
  }
  if (number === 0) throw new LedgerError(`${path}: expected a ledger, found an empty file`);
}

function parsed(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new LedgerError(
      `${path}: line ${number}: expected a JSON object, found ${line.slice(0, 60)}`,
    );
  }
}
