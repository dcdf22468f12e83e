/** The library: `import { Machine, defineXdp } from 'xdpemu'`. */

export { readCapture, readCaptureFile } from './capture/readCapture.js';
export type { LedgerEntry } from './ledger/entry.js';
export { LedgerKeeper } from './ledger/keeper.js';
export { entryText } from './ledger/text.js';
export type { Counters, CpuCounters, DeviceCounters } from './machine/counters.js';
export { WorkerDiedError } from './machine/crew.js';
export type { DeviceHandle } from './machine/deviceHandle.js';
export { InvariantError } from './machine/failure.js';
export type { FrameFate, InjectedFrame } from './machine/injections.js';
export type {
  CloneEvent,
  EnqueueEvent,
  ProgramRunEvent,
  ReceiveEvent,
} from './machine/ledgerEvents.js';
export { Machine } from './machine/machine.js';
export type {
  InjectOptions,
  MachineMode,
  MachineOptions,
  RunOptions,
  RunResult,
} from './machine/machineOptions.js';
export {
  BPF,
  type MapHandle,
  type MapKey,
  type MapValueInput,
  type MapValueOutput,
} from './machine/mapHandle.js';
export type {
  FateEvent,
  PerfEvent,
  PrintkEvent,
  SinkEvent,
  TraceEvent,
} from './machine/recordEvents.js';
export type { RecordListener } from './machine/recorder.js';
export type { XskSocket } from './machine/sockets.js';
export { BpfError, errnoName } from './maps/errno.js';
export { arpFrame, echoFrame, tcpFrame, udpFrame } from './packet/build.js';
export { parseFrame } from './packet/frame.js';
export {
  BPF_F,
  defineXdp,
  XDP,
  type XdpAction,
  type XdpFunction,
  type XdpProgram,
} from './program/define.js';
export type { ProgramFault } from './program/host.js';
export { ProgramLoadError } from './program/loadError.js';
export type { MapRef, MapValue } from './program/mapRef.js';
export type { XdpContext } from './program/xdpContext.js';
export { ScenarioError } from './scenario/error.js';
export type { ModuleScenario } from './scenario/module.js';
export { parseScenario, parseScenarioText } from './scenario/parse.js';
export type { Scenario } from './scenario/scenario.js';
export type { ScenarioInput } from './scenario/schema/scenario.js';
