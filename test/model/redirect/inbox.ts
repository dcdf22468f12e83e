/** What a destination received, and which contexts put it there. */
export class Inbox {
  readonly frames: number[] = [];
  private readonly feeders = new Set<Feeder>();

  addFeeder(feeder: Feeder): void {
    this.feeders.add(feeder);
  }

  /** The order is determined if one context alone fed it, and that context's own input was in order. */
  isOrdered(): boolean {
    const [first, ...others] = this.feeders;
    return others.length === 0 && (first === undefined || first.isOrdered());
  }
}

export interface Feeder {
  isOrdered(): boolean;
}
