import { Device, FrameQueue, LINE, PtrRing, RxQueue, WireQueue, XdpDevBulkQueue } from "../layout";
import { txQueueBytes } from "../context/napi";
import { machine } from "../machine";
import { xdpDevBulkQueueBytes } from "../redirect/devmapQueue";
import { ptrRingBytes, ptrRingInit } from "../ring/ptrRing";
import { ETH_HLEN } from "../uapi";

/** Sizes and first contents of devices and their queues, in zeroed memory. */

export function deviceBytes(nrRxQueues: u32, nrXmitQueues: u32): u32 {
  return <u32>LINE + machine().nrCpus * (4 + <u32>LINE) + (nrRxQueues + nrXmitQueues) * 4;
}

/** The tables of queues are empty: control fills them. */
export function deviceInit(dev: Device, ifindex: u32, nrRxQueues: u32, nrXmitQueues: u32): void {
  const nrCpus = machine().nrCpus;
  dev.ifindex = ifindex;
  dev.hardHeaderLen = ETH_HLEN;
  const bulks = changetype<usize>(dev) + LINE;
  dev.bulkQueues = bulks + <usize>nrCpus * LINE;
  for (let cpu: u32 = 0; cpu < nrCpus; cpu++) {
    const bq = changetype<XdpDevBulkQueue>(bulks + <usize>cpu * LINE);
    assert(xdpDevBulkQueueBytes() <= <u32>LINE);
    bq.dev = dev;
    store<u32>(dev.bulkQueues + (<usize>cpu << 2), changetype<usize>(bq));
  }
  dev.rxQueues = dev.bulkQueues + (<usize>nrCpus << 2);
  dev.nrRxQueues = nrRxQueues;
  dev.xmitQueues = dev.rxQueues + (<usize>nrRxQueues << 2);
  dev.nrXmitQueues = nrXmitQueues;
}

function initQueue(queue: FrameQueue, ring: usize, slots: u32): void {
  queue.ring = changetype<PtrRing>(ring);
  ptrRingInit(queue.ring, slots);
}

export function rxQueueBytes(slots: u32): u32 {
  return <u32>LINE + txQueueBytes() + <u32>LINE + ptrRingBytes(slots);
}

export function rxQueueInit(rq: RxQueue, slots: u32): void {
  rq.txQueue = changetype<usize>(rq) + LINE;
  initQueue(rq, (rq.txQueue + txQueueBytes() + LINE - 1) & ~(LINE - 1), slots);
}

export function wireQueueBytes(slots: u32): u32 {
  return <u32>LINE + ptrRingBytes(slots);
}

export function wireQueueInit(wire: WireQueue, slots: u32): void {
  initQueue(wire, changetype<usize>(wire) + LINE, slots);
}
