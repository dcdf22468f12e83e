/** What the command's exit code says. */
export const EXIT = {
  DONE: 0,
  /** The run broke an invariant, or a worker died. */
  BROKEN: 1,
  /** Wrong usage or input: nothing ran, or the input ended it. */
  USAGE: 2,
  /** A second Ctrl-C, or one before any frame came in: 128 + SIGINT, as a shell reports it. */
  KILLED: 130,
} as const;
