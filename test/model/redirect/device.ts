import type { RedirectDevice } from '../redirectTrace.js';
import type { Context, Frame } from './context.js';
import { EMSGSIZE, ENETDOWN, ENXIO, EOPNOTSUPP } from './errno.js';
import { Inbox } from './inbox.js';
import { PtrRing } from './ptrRing.js';

const ETH_HLEN = 14;
const VLAN_HLEN = 4;

/** A network device as a target: the checks before a frame is queued for it, its `ndo_xdp_xmit`, its far end. */
export class NetDevice {
  readonly name: string;
  readonly delivered = new Inbox();
  private readonly declaration: RedirectDevice;
  private readonly ring: PtrRing<Frame>;
  /** Whether the receiver was notified since it last emptied the ring. */
  private notified = false;

  constructor(declaration: RedirectDevice) {
    this.name = declaration.name;
    this.declaration = declaration;
    this.ring = new PtrRing(declaration.xmit?.ring ?? 0);
  }

  /** `__xdp_enqueue` and `xdp_ok_fwd_dev`: 0, or why this device cannot take the frame. */
  check(frame: Frame): number {
    const { ndoXdpXmit, ndoXdpXmitFrags, up, mtu } = this.declaration;
    if (!ndoXdpXmit) return EOPNOTSUPP;
    if (frame.frags && !ndoXdpXmitFrags) return EOPNOTSUPP;
    if (!up) return ENETDOWN;
    return frame.length > mtu + ETH_HLEN + VLAN_HLEN ? EMSGSIZE : 0;
  }

  /** `ndo_xdp_xmit`: how many of the frames, from the first, went out, or an errno and none did. */
  xmit(context: Context, frames: readonly Frame[], flush: boolean): number {
    const { xmit } = this.declaration;
    if (!xmit) return ENXIO;
    if (xmit.error !== 0) return xmit.error;
    const maxLength = xmit.maxLength ?? Number.POSITIVE_INFINITY;
    let sent = 0;
    for (const frame of frames) {
      if (frame.length > maxLength || !this.ring.produce(frame)) break;
      sent++;
    }
    if (sent > 0) this.delivered.addFeeder(context);
    if (flush) this.notify();
    return sent;
  }

  notify(): void {
    this.notified = true;
  }

  /** The receiver empties the ring when it is its turn; after `flush` only if it was notified. */
  drain(occasion: 'flush' | 'batch' | 'end'): void {
    if (this.declaration.xmit?.drain !== occasion) return;
    if (occasion === 'flush' && !this.notified) return;
    this.notified = false;
    for (let frame = this.ring.consume(); frame; frame = this.ring.consume()) {
      this.delivered.frames.push(frame.seq);
    }
  }
}
