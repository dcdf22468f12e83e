import type { Span } from './span.js';

/** A program and what messages call it. */
export interface SourceText {
  /** `stdin` for a program of the command line, as bpftrace has it. */
  readonly name: string;
  readonly text: string;
}

export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly span: Span;
  readonly message: string;
}

/** What is wrong with a program, as bpftrace says it: position, message, source line, marker. */
export class BpftraceError extends Error {
  override readonly name = 'BpftraceError';

  constructor(source: SourceText, diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnosticText(source, diagnostic)).join('\n'));
  }
}

/** Thrown where parsing cannot go on; `parseProgram` makes a BpftraceError of it. */
export class SyntaxFault extends Error {
  readonly span: Span;

  constructor(span: Span, message: string) {
    super(message);
    this.span = span;
  }
}

export function diagnosticText(source: SourceText, diagnostic: Diagnostic): string {
  const { severity, span, message } = diagnostic;
  const { begin, end } = span;
  // Of what spans lines, bpftrace shows none.
  if (begin.line < end.line) {
    return `${source.name}:${begin.line}-${end.line}: ${severity}: ${message}`;
  }
  const place = `${begin.line}:${begin.column}-${end.column}`;
  const head = `${source.name}:${place}: ${severity}: ${message}`;
  const line = source.text.split('\n')[begin.line - 1] ?? '';
  if (line === '') return head;
  const marker = [...line.slice(0, end.column - 1)].map((char, index) => {
    const mark = index < begin.column - 1 ? ' ' : '~';
    return char === '\t' ? mark.repeat(TAB.length) : mark;
  });
  return `${head}\n${line.replaceAll('\t', TAB)}\n${marker.join('')}`;
}

const TAB = '    ';
