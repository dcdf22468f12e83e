import { defineXdp, XDP } from '../../src/program/define.js';

/** Programs of the machine tests, as a module that workers can load. */

/** UDP source port in an IPv4 frame: differs from flow to flow. */
const PORT_OFFSET = 34;

/** Ways that `steer` knows; which one a flow takes depends on its port. */
export const WAYS = 8;

export const steer = defineXdp((ctx) => {
  const port = ctx.u16(PORT_OFFSET);
  const { cpus, ports, flood, sockets } = ctx.maps;
  switch (port % WAYS) {
    case 0:
    case 1:
      return cpus!.redirect((port >> 3) % 4, XDP.DROP);
    case 2:
      return ports!.redirect((port >> 3) % 4, XDP.PASS);
    case 3:
      return flood!.redirect(0, 8);
    case 4:
      return sockets!.redirect(ctx.rxQueueIndex, XDP.PASS);
    case 5:
      return XDP.TX;
    case 6:
      return XDP.PASS;
    default:
      return port & 8 ? XDP.DROP : ctx.redirect(99);
  }
});

export const toCpus = defineXdp((ctx) => ctx.maps['cpus']!.redirect(ctx.u16(PORT_OFFSET) % 3));

/** Every second frame of a flow goes straight to the device, the others by way of a CPU. */
let parity = 0;
export const twoWays = defineXdp((ctx) => {
  const { cpus, ports } = ctx.maps;
  parity ^= 1;
  return parity === 0 ? cpus!.redirect(1) : ports!.redirect(0);
});

/** Behind a redirect: to where frames leave the machine, so that none goes round for ever. */
export const onward = defineXdp((ctx) => ctx.redirectMap('onward', 0));

export const toPort = defineXdp((ctx) => ctx.redirectMap('ports', 0));

export const dropOdd = defineXdp((ctx) => (ctx.u16(PORT_OFFSET) & 1 ? XDP.DROP : XDP.PASS));

export const loopAtOnce = defineXdp(() => {
  for (;;);
});

export const pass = defineXdp(() => XDP.PASS);

/** Counts in every kind of map, then asks one redirect map after the other for a target. */
export const countAll = defineXdp((ctx) => {
  const { array, hash, perCpuArray, perCpuHash, cpus, ports, flood, sockets } = ctx.maps;
  const port = ctx.u16(PORT_OFFSET);
  array!.lookup(0)!.add64(1);
  perCpuArray!.lookup(0)!.add64(1);
  hash!.update(port % 8, 1);
  perCpuHash!.update(port % 8, 1);
  if (port % 16 === 0) hash!.delete(port % 8);
  const maps = [cpus!, ports!, flood!, sockets!];
  return maps[port % 4]!.redirect((port >> 2) % 2, XDP.PASS);
});

/** Frames of receive queue 0 that `exitLater` and `loopLater` handle before they go wrong. */
export const FRAMES_BEFORE = 1000;

let handled = 0;

export const exitLater = defineXdp((ctx) => {
  if (ctx.rxQueueIndex === 0 && ++handled === FRAMES_BEFORE) process.exit(1);
  return ctx.maps['cpus']!.redirect(2);
});

export const loopLater = defineXdp((ctx) => {
  if (ctx.rxQueueIndex === 0 && ++handled === FRAMES_BEFORE) for (;;);
  return ctx.maps['cpus']!.redirect(2);
});
