/** The text is no recording that can be replayed: not of a known format, or not as its format says. */
export class TraceFormatError extends Error {
  override readonly name = 'TraceFormatError';
}
