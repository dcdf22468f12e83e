/** What the data plane exports to workers and to the control plane. */

export { announceSleep, awake, sleepAddress, wakeUp } from "./context/wake";
export { contextBytes, contextInit, contextSetPool, cpuBytes, cpuInit } from "./context/init";
export { abandonFlushLists, fragsAstray, framesInUse, kthreadAbandon, reapFrames } from "./context/death";
export { framePoolRefill, settle, xdpFlushFrameBulk } from "./frame/pool";
export { contextAddKthread, contextHasWork, contextIsPending, contextPoll, contextRun, contextStep } from "./context/step";
export { injectFrame } from "./context/inject";
export { setCurrent, setProgramCpu } from "./context/current";
export { endRun } from "./context/endRun";
export { setFaultRecord } from "./context/fault";
export { deviceBytes, deviceInit, rxQueueBytes, rxQueueInit, wireQueueBytes, wireQueueInit } from "./device/init";
export { deviceByIfindex, deviceRegister, deviceUnregister } from "./device/table";
export { framePoolBytes, framePoolDataBytes } from "./frame/pool";
export { xdpAdjustHead, xdpAdjustMeta, xdpAdjustTail } from "./frame/adjust";
export { xdpGetBuffLen } from "./frame/buff";
export { xdpLoadBytes, xdpStoreBytes } from "./frame/bytes";
export { checkAccess, setFrame, setProgramStack } from "./helper/access";
export { helperCsumDiff } from "./helper/checksum";
export {
  helperJiffies64, helperKtimeGetBootNs, helperKtimeGetCoarseNs, helperKtimeGetNs, helperKtimeGetTaiNs,
} from "./helper/clock";
export { helperGetNumaNodeId, helperGetPrandomU32, helperGetSmpProcessorId } from "./helper/cpu";
export {
  helperMapDeleteElem, helperMapLookupElem, helperMapLookupPercpuElem, helperMapPeekElem, helperMapPopElem,
  helperMapPushElem, helperMapUpdateElem,
} from "./helper/map";
export {
  helperDynptrData, helperDynptrFromMem, helperDynptrRead, helperDynptrWrite, helperRingbufDiscardDynptr,
  helperRingbufReserveDynptr, helperRingbufSubmitDynptr,
} from "./helper/dynptr";
export {
  kfuncDynptrAdjust, kfuncDynptrClone, kfuncDynptrFromXdp, kfuncDynptrIsNull, kfuncDynptrIsRdonly, kfuncDynptrSize,
  kfuncDynptrSlice, kfuncDynptrSliceRdwr,
} from "./helper/dynptrKfuncs";
export { kfuncIterNumDestroy, kfuncIterNumNew, kfuncIterNumNext } from "./helper/iterNum";
export { helperProbeReadKernel, helperProbeReadKernelStr, helperProbeReadUser } from "./helper/probeRead";
export { helperOfSocket, helperSkLookup } from "./helper/socket";
export { helperStrtol, helperStrtoul } from "./helper/strtox";
export {
  helperGetCurrentAncestorCgroupId, helperGetCurrentCgroupId, helperGetCurrentComm, helperGetNsCurrentPidTgid,
  helperSendSignal, helperZero,
} from "./helper/task";
export { helperLoop, setCallbackSlots } from "./helper/callback";
export { helperFibLookup } from "./helper/fib";
export { helperForEachMapElem } from "./helper/forEach";
export { kfuncXdpMetadataRxHash, kfuncXdpMetadataRxTimestamp, kfuncXdpMetadataRxVlanTag } from "./helper/metadata";
export { helperCheckMtu } from "./helper/mtu";
export { helperPerfEventOutput } from "./helper/perfEvent";
export {
  helperRingbufDiscard, helperRingbufOutput, helperRingbufQuery, helperRingbufReserve, helperRingbufSubmit,
} from "./helper/ringbuf";
export { helperSpinLock, helperSpinUnlock } from "./helper/spinLock";
export {
  helperTcpRawCheckSyncookieIpv4, helperTcpRawCheckSyncookieIpv6, helperTcpRawGenSyncookieIpv4, helperTcpRawGenSyncookieIpv6,
} from "./helper/synCookie";
export { helperTailCall } from "./helper/tailCall";
export { helperSnprintf, helperStrncmp, helperTracePrintk, helperTraceVprintk } from "./helper/text";
export {
  helperXdpAdjustHead, helperXdpAdjustMeta, helperXdpAdjustTail, helperXdpGetBuffLen, helperXdpLoadBytes, helperXdpStoreBytes,
} from "./helper/packet";
export { helperRedirect, helperRedirectMap } from "./helper/redirect";
export { workBegin } from "./helper/work";
export { arrayUpdate, arrayValueOfCpu } from "./map/array";
export { hashFind, hashNextKey, hashValueOf } from "./map/hash";
export { hashDelete, hashLookupAndDelete, hashUpdate } from "./map/hashUpdate";
export { lpmDelete, lpmLookup, lpmUpdate } from "./map/lpmTrie";
export { lpmNextKey } from "./map/lpmNextKey";
export {
  bpfMapDeleteElem, bpfMapLookupElem, bpfMapPeekElem, bpfMapPopElem, bpfMapPushElem, bpfMapUpdateElem,
} from "./map/elem";
export { devMapHashDelete, devMapHashFirst, devMapHashInsert, devMapHashLookup, devMapHashNext } from "./map/devmapHash";
export { pointerExchange, pointerLookup } from "./map/pointers";
export {
  cpuMapEntryBytes, cpuMapEntryInit, devMapEntryBytes, mapInit, mapStorageBytes, mapValuesAreForPrograms, mapValuesBytes,
} from "./map/init";
export { copyValueLocked, initLock } from "./map/value";
export { ringbufPeek, ringbufRelease, ringbufSample } from "./map/ringbuf";
export { bpfRedirect, bpfRedirectMap } from "./redirect/helpers";
export { mapUpdateElem32, redirect32, redirectMap32 } from "./redirect/fromJavaScript";
export {
  ptrRingBytes, ptrRingConsume, ptrRingEmpty, ptrRingFree, ptrRingInit, ptrRingLock, ptrRingProduce,
  ptrRingUnlock,
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
export { nextTag } from "./trace/tags";
