import type { DataPlaneBuild } from '../../src/arena/dataplane.js';
import { Packet } from '../../src/arena/layout.generated.js';
import { FAULT_RECORD_BYTES, type Fault, takeFault } from '../../src/bpf/fault.js';
import type { KernelVersion } from '../../src/machine/kernel.js';
import { System } from '../../src/machine/system.js';
import type { MapAttributes } from '../../src/maps/kernelMap.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { type Helper, helperTable } from '../../src/program/helperTable.js';
import { trampoline } from '../../src/program/trampoline.js';

const SCRATCH_BYTES = 65536;

export interface HelperMachineOptions {
  readonly kernel?: KernelVersion;
  readonly nrCpus?: number;
  readonly build?: DataPlaneBuild;
  readonly seed?: number;
  readonly schedulePoint?: (access: number, address: number) => void;
}

/** A machine with one device whose program is a JavaScript function that calls helpers by their exports. */
export class HelperMachine {
  readonly system: System;
  /** Memory that programs may use. */
  readonly scratch: number;
  nowNs = 0;
  readonly #record: number;
  readonly #rxQueue: number;
  readonly #context: number;
  #program: (xdp: number) => number = () => 0;
  #fault: Fault | undefined;

  constructor({ kernel = 618, nrCpus = 2, ...options }: HelperMachineOptions = {}) {
    const system = new System({ kernel, nrCpus, nowNs: () => this.nowNs, ...options });
    this.system = system;
    this.scratch = system.arena.allocateForPrograms(SCRATCH_BYTES);
    this.#record = system.arena.allocate(FAULT_RECORD_BYTES);
    system.dp.setFaultRecord(this.#record);
    system.dp.table.set(
      0,
      trampoline(() => {
        this.#fault = takeFault(new DataView(this.arena.memory.buffer), this.#record);
        return 0;
      }),
    );
    const context = system.receiveContext(0);
    this.#context = context.address;
    const device = system.addDevice({ ...device1, rxContexts: [context] });
    this.#rxQueue = device.rxQueues[0]!;
    const program = system.addProgram({
      name: 'helpers',
      expectedAttachType: ATTACH_TYPE.XDP,
      hasFrags: true,
    });
    system.dp.table.set(
      program.tableIndex,
      trampoline((xdp) => this.#program(xdp)),
    );
    system.devices.setProgram(device, program.address);
  }

  get arena() {
    return this.system.arena;
  }

  get dp() {
    return this.system.dp;
  }

  /** Runs `program` on one frame; what it threw is thrown, what fault it left is returned. */
  run(program: (xdp: number) => void, frame: Uint8Array = new Uint8Array(64)): Fault | undefined {
    let thrown: { readonly error: unknown } | undefined;
    let runs = 0;
    this.#fault = undefined;
    this.#program = (xdp) => {
      runs++;
      try {
        program(xdp);
      } catch (error) {
        thrown = { error };
      }
      return 0;
    };
    this.#inject(frame);
    this.dp.contextStep(this.#context);
    this.dp.setCurrent(this.system.control.address);
    if (thrown !== undefined) throw thrown.error;
    if (runs !== 1) throw new Error(`the program ran ${runs} times`);
    return this.#fault;
  }

  #inject(frame: Uint8Array): void {
    const bytes = this.arena.allocate(frame.length);
    const packet = this.arena.allocate(Packet.SIZE);
    this.arena.u8.set(frame, bytes);
    this.arena.set(packet, Packet.head, bytes);
    this.arena.set(packet, Packet.headLength, frame.length);
    this.arena.set(packet, Packet.length, frame.length);
    const err = this.dp.injectFrame(this.system.control.address, this.#rxQueue, packet, 0, 0);
    if (err !== 0) throw new Error(`injectFrame: ${err}`);
    this.arena.free(bytes);
    this.arena.free(packet);
  }

  /** r0 of a helper by its kernel name, as a signed number. */
  call(name: Helper['name'], ...args: readonly (number | bigint)[]): bigint {
    const helper = [...helperTable.values()].find((row) => row.name === name);
    if (helper?.exportName === undefined) throw new RangeError(`no helper ${name}`);
    const [r1 = 0n, r2 = 0n, r3 = 0n, r4 = 0n, r5 = 0n] = args.map(BigInt);
    return this.dp[helper.exportName](r1, r2, r3, r4, r5);
  }

  /** Copies bytes to `offset` in the scratch memory; returns their address. */
  put(bytes: Uint8Array, offset = 0): number {
    this.arena.u8.set(bytes, this.scratch + offset);
    return this.scratch + offset;
  }

  /** Creates a map; returns the address of its `BpfMap` and its descriptor. */
  map(attributes: MapAttributes): { readonly address: number; readonly fd: number } {
    const fd = this.system.bpf.mapCreate(attributes);
    const file = this.system.files.get(fd);
    if (file?.kind !== 'map') throw new Error(`map: ${fd}`);
    return { address: file.map.address, fd };
  }
}

const device1 = {
  name: 'eth0',
  ifindex: 2,
  up: true,
  mtu: 1500,
  ndoXdpXmit: true,
  ndoXdpXmitSg: true,
  rxSg: true,
  hasNdo: true,
  mode: 'native',
  rxSlots: 64,
  needsFlush: false,
  wires: 0,
  wireSlots: 0,
  xmitError: 0,
  xmitMaxLength: 0,
} as const;
