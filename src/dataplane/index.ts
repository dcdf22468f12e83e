/** What the data plane exports to workers and to the control plane. */

export { announceSleep, awake, sleepAddress, wakeUp } from "./context/wake";
export { contextBytes, contextInit, contextSetPool, cpuBytes, cpuInit } from "./context/init";
export { abandonFlushLists, fragsAstray, framesInUse, reapFrames } from "./context/death";
export { framePoolRefill, settle, xdpFlushFrameBulk } from "./frame/pool";
export { contextAddKthread, contextHasWork, contextPoll, contextRun, contextStep } from "./context/step";
export { injectFrame } from "./context/inject";
export { setCurrent } from "./context/current";
export { deviceBytes, deviceInit, rxQueueBytes, rxQueueInit, wireQueueBytes, wireQueueInit } from "./device/init";
export { deviceByIfindex, deviceRegister, deviceUnregister } from "./device/table";
export { framePoolBytes, framePoolDataBytes } from "./frame/pool";
export { xdpAdjustHead, xdpAdjustMeta, xdpAdjustTail } from "./frame/adjust";
export { xdpGetBuffLen } from "./frame/buff";
export { xdpLoadBytes, xdpStoreBytes } from "./frame/bytes";
export { arrayUpdate, arrayValueOfCpu } from "./map/array";
export { hashDelete, hashFind, hashNextKey, hashUpdate, hashValueOf } from "./map/hash";
export { bpfMapDeleteElem, bpfMapLookupElem, bpfMapUpdateElem } from "./map/elem";
export { devMapHashDelete, devMapHashFirst, devMapHashInsert, devMapHashLookup, devMapHashNext } from "./map/devmapHash";
export { pointerExchange, pointerLookup } from "./map/pointers";
export { cpuMapEntryBytes, cpuMapEntryInit, devMapEntryBytes, mapInit, mapStorageBytes } from "./map/init";
export { bpfRedirect, bpfRedirectMap } from "./redirect/helpers";
export { mapUpdateElem32, redirect32, redirectMap32 } from "./redirect/fromJavaScript";
export {
  ptrRingBytes, ptrRingConsume, ptrRingEmpty, ptrRingFree, ptrRingInit, ptrRingLock, ptrRingProduce, ptrRingUnlock,
} from "./ring/ptrRing";
export { spscRingBytes, spscRingConsume, spscRingInit, spscRingProduce } from "./ring/spscRing";
export {
  ringAvailable, ringConsumer, ringFillAddr, ringFillDesc, ringFree, ringNeedsWakeup, ringPeekAddr, ringPeekDesc, ringRelease,
  ringSubmit,
} from "./ring/xskQueue";
// The kernel's side of the AF_XDP rings and the ways of single frames: what the tests drive one by one.
export { packetToFrame } from "./device/packet";
export { xdpConvertFrameToBuff, xdpGetFrameLen, xdpUpdateFrameFromBuff } from "./frame/buff";
export { frameAlloc, framePrepare, handOver, takeOver, xdpReturnFrame } from "./frame/pool";
export {
  xskAddrQueueBytes, xskDescQueueBytes, xskQueueInit, xskqConsAddr, xskqConsDesc, xskqConsNext, xskqConsPeek,
  xskqConsRelease, xskqProdAddr, xskqProdDesc, xskqProdIsFull, xskqProdSubmit, xskqSetNeedWakeup,
} from "./ring/xskQueue";
export { sendto } from "./socket/application";
export { xdpSockBytes, xdpSockInit, xskPoolBytes, xskPoolInit } from "./socket/init";
export { traceRingBytes, traceRingInit } from "./trace/ring";
export { traceRun } from "./trace/runs";
