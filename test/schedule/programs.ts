import { BPF_F, defineXdp, XDP } from '../../src/program/define.js';
import type { XdpContext } from '../../src/program/xdpContext.js';

/** First byte of a test packet: what becomes of it. The second is the key. */
export const Steer = { CPU: 0, DEVICE: 1, BROADCAST: 2, PASS: 3, COUNT: 4, SOCKET: 5 } as const;

/** Goes where the packet says. */
export const steer = defineXdp((ctx: XdpContext) => {
  const key = ctx.u8(1);
  switch (ctx.u8(0)) {
    case Steer.CPU:
      return ctx.redirectMap('cpus', key);
    case Steer.DEVICE:
      return ctx.redirectMap('devices', key);
    case Steer.BROADCAST:
      return ctx.redirectMap('devices', 0, BPF_F.BROADCAST | BPF_F.EXCLUDE_INGRESS);
    case Steer.SOCKET:
      return ctx.redirectMap('sockets', key, XDP.PASS);
    default:
      return XDP.PASS;
  }
});

/** Of a cpumap entry: every other packet goes on to a device. */
export const onward = defineXdp((ctx: XdpContext) =>
  (ctx.u8(2) & 1) === 0 ? XDP.PASS : ctx.redirectMap('devices', 0),
);

/** Never returns. */
export const endless = defineXdp(() => {
  for (;;);
});

/** Takes its thread with it. */
export const deadly = defineXdp(() => process.exit(3));

export const faulty = defineXdp((ctx: XdpContext) => ctx.u32(1000));

/** First byte of a packet for `flows`; the second is the key, the third the value. */
export const FlowOp = { UPDATE: 0, DELETE: 1, LOOKUP: 2 } as const;

/** Changes the hash map as the packet says. A value has two halves, which an update writes alike. */
export const flows = defineXdp((ctx: XdpContext) => {
  const map = ctx.maps['flows']!;
  const key = ctx.u8(1);
  switch (ctx.u8(0)) {
    case FlowOp.UPDATE: {
      map.update(key, new Uint8Array(16).fill(ctx.u8(2)));
      return XDP.PASS;
    }
    case FlowOp.DELETE: {
      map.delete(key);
      return XDP.PASS;
    }
    default:
      return map.lookup(key) === null ? XDP.DROP : XDP.PASS;
  }
});
