/** Where and how a capture is not what it should be. */
export interface CaptureFault {
  /** Name of the capture, as given to the reader. */
  readonly file: string;
  /** Byte of the file (unpacked, if it was compressed), or null if the fault has no one place. */
  readonly offset: number | null;
  /** Number of the packet being read, from 1 as in Wireshark, or null outside packets. */
  readonly packet: number | null;
  readonly expected: string;
  readonly found: string;
}

/** A capture that is malformed, cut short or of an unfit kind. */
export class CaptureError extends Error implements CaptureFault {
  override readonly name = 'CaptureError';
  readonly file: string;
  readonly offset: number | null;
  readonly packet: number | null;
  readonly expected: string;
  readonly found: string;

  constructor(fault: CaptureFault, options?: ErrorOptions) {
    super(messageOf(fault), options);
    this.file = fault.file;
    this.offset = fault.offset;
    this.packet = fault.packet;
    this.expected = fault.expected;
    this.found = fault.found;
  }
}

function messageOf({ file, offset, packet, expected, found }: CaptureFault): string {
  const place = [
    file,
    ...(packet === null ? [] : [`packet ${packet}`]),
    ...(offset === null ? [] : [`byte ${offset}`]),
  ];
  return `${place.join(', ')}: expected ${expected}, found ${found}`;
}
