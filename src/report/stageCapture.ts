import { DIRECTION } from '../capture/capture.js';
import { PcapngWriter } from '../capture/pcapngWriter.js';
import { FileSink } from '../capture/sink.js';
import type { EnqueueEvent, ProgramRunEvent, StageBytes } from '../machine/ledgerEvents.js';
import type { FateEvent, SinkEvent } from '../machine/recordEvents.js';
import type { RecordListener } from '../machine/recorder.js';
import type { RecordNames } from '../machine/recordNames.js';
import type { Scenario } from '../scenario/scenario.js';
import { fateNamed } from '../trace/fates.js';
import { attachedPrograms, cpumapPlace, devmapPlace, programInterfaces } from './stageNames.js';
import { wallClock } from './wallClock.js';

/** The fates of what reaches a sink. */
const sinkFates = { stack: 'pass', device: 'transmitted', socket: 'socket' } as const;

/**
 * One capture of all stages of a machine, as xdpdump writes them: what each program got (`eth0:prog()@fentry`) and left
 * (`@fexit`, with its verdict), what each ring took, what reached each sink, and on `drop:FATE` what ended elsewhere. Packets
 * of one frame have one packet id: its tag, the number that `xdpemu why --frame` takes.
 */
export class StageCapture {
  readonly listener: RecordListener;
  readonly #sink: FileSink;
  readonly #writer: PcapngWriter;
  readonly #interfaces = new Map<string, number>();
  readonly #scenario: Scenario;
  readonly #names: RecordNames;
  readonly #timeOf: (timeNs: number) => bigint;
  /** By tag: the bytes of frames under way, as they were last seen. */
  readonly #last = new Map<number, StageBytes>();
  /** Frames that a ring did not take since the last that it took, by its interface. */
  readonly #dropped = new Map<string, number>();
  #packets = 0;

  /** @throws the error of `openSync` */
  constructor(path: string, scenario: Scenario, names: RecordNames, originMs: number) {
    this.#scenario = scenario;
    this.#names = names;
    this.#timeOf = wallClock(originMs);
    this.#sink = FileSink.create(path);
    this.#writer = new PcapngWriter(this.#sink.write);
    for (const [place, program] of attachedPrograms(scenario)) {
      for (const name of programInterfaces(place, program)) this.#interfaceOf(name);
    }
    this.listener = {
      stages: true,
      onReceive: ({ tag, length, head }) => {
        if (!this.#last.has(tag)) this.#last.set(tag, { length, data: head });
      },
      onClone: ({ tag, parent }) => this.#last.set(tag, this.#last.get(parent)!),
      onProgram: (event) => this.#program(event),
      onEnqueue: (event) => this.#enqueue(event),
      onSink: (event) => this.#reached(event),
      onFate: (event) => this.#end(event),
    };
  }

  #interfaceOf(name: string): number {
    const known = this.#interfaces.get(name);
    if (known !== undefined) return known;
    const id = this.#writer.addInterface({ name });
    this.#interfaces.set(name, id);
    return id;
  }

  #write(
    name: string,
    tag: number,
    timeNs: number,
    { data, length }: StageBytes,
    notes: Omit<Parameters<PcapngWriter['writePacket']>[1], 'data' | 'timestampNs'>,
  ): void {
    this.#packets++;
    this.#writer.writePacket(this.#interfaceOf(name), {
      data,
      timestampNs: this.#timeOf(timeNs),
      originalLength: length,
      packetId: BigInt(tag),
      ...notes,
    });
  }

  #program(event: ProgramRunEvent): void {
    const { tag, queue, action, before, after } = event;
    const program = this.#names.program(event.programId);
    const [entry, exit] = programInterfaces(this.#placeOf(event), program);
    if (before !== undefined) this.#write(entry, tag, event.startNs, before, { queue });
    if (after === undefined) return;
    this.#write(exit, tag, event.timeNs, after, { queue, xdpVerdict: action });
    this.#last.set(tag, after);
  }

  #placeOf({ hook, ifindex, egressIfindex, cpu, task }: ProgramRunEvent): string {
    if (hook === 'xdp') return this.#names.device(ifindex);
    if (hook === 'devmap') return devmapPlace(this.#names.device(egressIfindex));
    return cpumapPlace(this.#names.map(task.mapId), cpu, this.#scenario);
  }

  /** A socket's ring is its sink. */
  #enqueue({ where, target, mapId, queue, tag, isTaken, timeNs }: EnqueueEvent): void {
    if (where === 'socket' || where === 'device_bulk') return;
    const place =
      where === 'cpumap'
        ? cpumapPlace(this.#names.map(mapId), target, this.#scenario)
        : this.#names.device(target);
    const name = `${place}:ring`;
    const dropped = this.#dropped.get(name) ?? 0;
    if (!isTaken) {
      this.#dropped.set(name, dropped + 1);
      return;
    }
    const bytes = this.#last.get(tag);
    if (bytes === undefined) return;
    this.#dropped.delete(name);
    this.#write(name, tag, timeNs, bytes, {
      ...(where === 'device' && { queue }),
      ...(dropped > 0 && { dropCount: BigInt(dropped) }),
    });
  }

  #reached({ sink, target, queue, data, tag, timeNs }: SinkEvent): void {
    const fate = sinkFates[sink];
    const name = this.#sinkName(sink, target);
    const notes = {
      comment: commentOf(fate, name),
      flags: sink === 'device' ? DIRECTION.outbound : DIRECTION.inbound,
      ...(sink !== 'stack' && { queue }),
    };
    this.#write(name, tag, timeNs, { data, length: data.length }, notes);
  }

  #sinkName(sink: 'stack' | 'cpu' | 'device' | 'socket', target: number): string {
    if (sink === 'device') return this.#names.device(target);
    return sink === 'socket' ? this.#names.socket(target) : `cpu${target}`;
  }

  #end({ fate, target, tag, timeNs }: FateEvent): void {
    const bytes = this.#last.get(tag);
    this.#last.delete(tag);
    if (bytes === undefined || fate.delivered) return;
    const comment = commentOf(fate.name, this.#sinkName(fate.target, target));
    this.#write(`drop:${fate.name}`, tag, timeNs, bytes, { comment });
  }

  /** Completes the file; returns how many packets it has. */
  close(): number {
    this.#sink.close();
    return this.#packets;
  }
}

/** `pass, cpu3: passed to the stack`. */
function commentOf(fate: string, sink: string): string {
  return `${fate}, ${sink}: ${fateNamed(fate)!.text}`;
}
