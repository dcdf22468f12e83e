import { LINE, XdpSock, XskBuffPool, XskQueue } from "../layout";
import { xskAddrQueueBytes, xskDescQueueBytes, xskQueueInit, xskqSetNeedWakeup } from "../ring/xskQueue";

/** Sizes and first contents of AF_XDP sockets and their UMEM, in zeroed memory. */

// @ts-ignore: decorator
@inline
function align(address: usize): usize {
  return (address + LINE - 1) & ~(LINE - 1);
}

export function xskPoolBytes(chunkSize: u32, nrChunks: u32, fillSize: u32, completionSize: u32): u32 {
  return <u32>LINE * 5 + xskAddrQueueBytes(fillSize) + xskAddrQueueBytes(completionSize) + nrChunks * 4
    + nrChunks * chunkSize;
}

export function xskPoolInit(
  pool: XskBuffPool, chunkSize: u32, nrChunks: u32, headroom: u32, fillSize: u32, completionSize: u32,
): void {
  pool.chunkSize = chunkSize;
  pool.nrChunks = nrChunks;
  pool.headroom = headroom;
  pool.fq = changetype<XskQueue>(changetype<usize>(pool) + LINE * 2);
  xskQueueInit(pool.fq, fillSize);
  pool.cq = changetype<XskQueue>(align(changetype<usize>(pool.fq) + xskAddrQueueBytes(fillSize)));
  xskQueueInit(pool.cq, completionSize);
  pool.freeList = align(changetype<usize>(pool.cq) + xskAddrQueueBytes(completionSize));
  pool.umem = align(pool.freeList + (<usize>nrChunks << 2));
}

export function xdpSockBytes(rxSize: u32, txSize: u32): u32 {
  return <u32>LINE * 4 + xskDescQueueBytes(rxSize) + xskDescQueueBytes(txSize);
}

export function xdpSockInit(xs: XdpSock, pool: XskBuffPool, rxSize: u32, txSize: u32): void {
  xs.pool = pool;
  xs.rx = changetype<XskQueue>(changetype<usize>(xs) + LINE * 3);
  xskQueueInit(xs.rx, rxSize);
  xs.tx = changetype<XskQueue>(align(changetype<usize>(xs.rx) + xskDescQueueBytes(rxSize)));
  xskQueueInit(xs.tx, txSize);
  // In copy mode transmission always has to be asked for (net/xdp/xsk_buff_pool.c:xp_assign_dev).
  xskqSetNeedWakeup(xs.tx, true);
}
