import type { Context, Frame } from './context.js';
import type { NetDevice } from './device.js';

const VETH_XDP_TX_BULK_SIZE = 16;

/** `struct veth_xdp_tx_bq`: where a driver collects the frames that it sends back for `XDP_TX`. */
export class TxQueue {
  private readonly device: NetDevice;
  private frames: Frame[] = [];

  constructor(device: NetDevice) {
    this.device = device;
  }

  /** `veth_xdp_tx` */
  enqueue(context: Context, frame: Frame): void {
    if (this.frames.length === VETH_XDP_TX_BULK_SIZE) this.transmit(context);
    this.frames.push(frame);
  }

  /** `veth_xdp_flush`, at the end of a poll that sent something. */
  flush(context: Context): void {
    if (this.frames.length === 0) return;
    this.transmit(context);
    this.device.notify();
  }

  /** `veth_xdp_flush_bq` */
  private transmit(context: Context): void {
    const result = this.device.xmit(context, this.frames, false);
    const sent = Math.max(result, 0);
    context.trace({
      ev: 'xdp_bulk_tx',
      ifindex: this.device.name,
      sent,
      drops: this.frames.length - sent,
      err: Math.min(result, 0),
    });
    this.frames = [];
  }
}
