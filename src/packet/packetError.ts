/** A header that does not hold together: which layer, at which byte of the frame, what was expected and found. */
export class PacketError extends RangeError {
  override readonly name = 'PacketError';
  readonly layer: string;
  /** Byte of the frame at which the header starts. */
  readonly offset: number;

  constructor(layer: string, offset: number, problem: string) {
    super(`${layer} header at byte ${offset}: ${problem}`);
    this.layer = layer;
    this.offset = offset;
  }
}
