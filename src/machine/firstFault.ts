import type { ProgramFault } from '../program/host.js';

/** Says on stderr what a program did wrong, once for each program. */
export function firstFaultToStderr(): (fault: ProgramFault) => void {
  const told = new Set<string>();
  return ({ program, message, at }) => {
    if (told.has(program)) return;
    told.add(program);
    process.stderr.write(
      `program ${program} aborted a frame: ${message}${at === undefined ? '' : ` ${at}`}\n`,
    );
  };
}
