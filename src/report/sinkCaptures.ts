import { join } from 'node:path';
import { DIRECTION } from '../capture/capture.js';
import { PcapngWriter } from '../capture/pcapngWriter.js';
import { FileSink } from '../capture/sink.js';
import type { SinkEvent } from '../machine/recordEvents.js';
import type { Scenario } from '../scenario/scenario.js';
import { wallClock } from './wallClock.js';

/** A capture of one sink. */
export interface SinkCapture {
  /** Name of the file in its folder. */
  readonly file: string;
  /** Name of the capture's one interface. */
  readonly interfaceName: string;
  readonly packets: number;
}

/** The number of a socket in records. */
export interface SocketId {
  readonly name: string;
  readonly id: number;
}

/** Bytes of a file that are gathered before they are written: there may be hundreds of files. */
const BUFFER_BYTES = 1 << 16;

interface Planned {
  readonly file: string;
  readonly interfaceName: string;
  readonly description: string;
  readonly direction: number;
}

interface Open {
  readonly sink: FileSink;
  readonly writer: PcapngWriter;
  packets: number;
}

/** Writes a pcapng file for each sink of a machine: far end of a device, socket, stack of a CPU. */
export class SinkCaptures {
  readonly #folder: string;
  readonly #planned: ReadonlyMap<string, Planned>;
  readonly #open = new Map<string, Open>();
  readonly #timeOf: (timeNs: number) => bigint;

  /** `originMs`: milliseconds since 1970 at which the machine's clock was 0. */
  constructor(folder: string, scenario: Scenario, sockets: Iterable<SocketId>, originMs: number) {
    this.#folder = folder;
    this.#planned = plan(scenario, new Map([...sockets].map(({ name, id }) => [name, id])));
    this.#timeOf = wallClock(originMs);
  }

  readonly write = ({ sink, target, queue, data, timeNs }: SinkEvent): void => {
    const key = `${sink} ${target}`;
    const capture = this.#openOf(key);
    capture.packets++;
    capture.writer.writePacket(0, {
      data,
      timestampNs: this.#timeOf(timeNs),
      flags: this.#planned.get(key)!.direction,
      ...(sink !== 'stack' && { queue }),
    });
  };

  #openOf(key: string): Open {
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const { file, interfaceName, description } = this.#planned.get(key)!;
    const sink = FileSink.create(join(this.#folder, file), BUFFER_BYTES);
    const writer = new PcapngWriter(sink.write);
    writer.addInterface({ name: interfaceName, description });
    const opened = { sink, writer, packets: 0 };
    this.#open.set(key, opened);
    return opened;
  }

  /** Completes the files; a sink that nothing reached has a capture without packets. */
  close(): SinkCapture[] {
    return [...this.#planned].map(([key, { file, interfaceName }]) => {
      const { sink, packets } = this.#openOf(key);
      sink.close();
      return { file, interfaceName, packets };
    });
  }
}

/** The captures by the sink's kind and number. */
function plan(
  { devices, sockets, cpus }: Scenario,
  socketIds: ReadonlyMap<string, number>,
): Map<string, Planned> {
  const planned = new Map<string, Planned>();
  for (const { name, ifindex } of devices) {
    planned.set(`device ${ifindex}`, {
      file: `device-${fileName(name)}.pcapng`,
      interfaceName: name,
      description: `transmitted by ${name}`,
      direction: DIRECTION.outbound,
    });
  }
  for (const { name, device, queue } of sockets) {
    planned.set(`socket ${socketIds.get(name)}`, {
      file: `socket-${fileName(name)}.pcapng`,
      interfaceName: name,
      description: `received by AF_XDP socket ${name} on queue ${queue} of ${device}`,
      direction: DIRECTION.inbound,
    });
  }
  for (let cpu = 0; cpu < cpus; cpu++) {
    planned.set(`stack ${cpu}`, {
      file: `stack-cpu${cpu}.pcapng`,
      interfaceName: `cpu${cpu}`,
      description: `passed to the stack on CPU ${cpu}`,
      direction: DIRECTION.inbound,
    });
  }
  return planned;
}

/** A name as part of a file's: what not every file system takes is written as %XX. */
function fileName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._-]/gu, (character) => {
    return `%${character.codePointAt(0)!.toString(16).padStart(2, '0')}`;
  });
}
