import { jsonText } from '../../bpftool/json.js';
import type { OutputForm } from '../../bpftool/mapDump.js';
import { type DumpDetail, dumpJson, dumpText } from '../../bpftool/programDump.js';
import { programJson, programText } from '../../bpftool/programShow.js';
import { type ShownProgram, shownPrograms } from '../../bpftool/programs.js';
import type { ObservedRun, RunObserver } from '../run/observer.js';
import { UsageError } from '../usageError.js';
import { onlyOne, type Selector, select } from './selector.js';

export interface ProgramRequest {
  readonly action: 'show' | 'dump';
  readonly selector: Selector | undefined;
  readonly detail: DumpDetail | undefined;
  readonly form: OutputForm;
}

/** Prints programs of a machine after its run as bpftool would. */
export class ProgramObserver implements RunObserver {
  readonly #request: ProgramRequest;
  #programs: readonly ShownProgram[] = [];

  constructor(request: ProgramRequest) {
    this.#request = request;
  }

  /** What is not there is said before the run. */
  start({ machine }: ObservedRun): void {
    const { action, selector } = this.#request;
    const programs = shownPrograms(machine);
    this.#programs =
      selector === undefined
        ? programs
        : select('program', programs, selector, ({ id, name, scenarioName, code }) => {
            return { id, names: [name, scenarioName], tag: code?.tag };
          });
    if (action === 'show') return;
    const { name, code } = onlyOne('program', this.#programs, selector, ({ id }) => id);
    if (code === undefined) {
      throw new UsageError(`program ${name}: expected one of an eBPF object, found TypeScript`);
    }
  }

  finish({ io }: ObservedRun): void {
    const { action, selector, detail, form } = this.#request;
    const isPretty = form === 'pretty';
    if (action === 'dump') {
      const code = this.#programs[0]!.code!;
      const text = form === 'plain' ? dumpText(code, detail) : jsonLine(dumpJson(code, detail));
      io.stdout.write(text);
      return;
    }
    if (form === 'plain') {
      for (const program of this.#programs) io.stdout.write(programText(program));
      return;
    }
    const values = this.#programs.map(programJson);
    const isOne = selector !== undefined && values.length === 1;
    io.stdout.write(jsonLine(isOne ? values[0]! : values));

    function jsonLine(value: Parameters<typeof jsonText>[0]): string {
      return `${jsonText(value, isPretty)}\n`;
    }
  }
}
