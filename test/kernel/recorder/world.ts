import type {
  Descriptor,
  DeviceDeclaration,
  MapTraceHeader,
  ProgDeclaration,
  SocketDeclaration,
} from '../../model/mapTrace.js';
import { attribute, BPF, programCode, programLoad } from './bpf.js';
import type { Recorder } from './recorder.js';

const AF = { UNIX: 1, INET: 2, XDP: 44 } as const;
const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3 } as const;
/** Open in the recorder, as 0 is, and neither a map nor a program nor a socket. */
const FILE_FD = 1;
/** Far above what the recorder ever opens. */
const BAD_FD = 9998;
/** `struct bpf_prog_info` and `struct bpf_map_info` begin with a type and an id. */
const INFO_BYTES = 80;
const ID_OFFSET = 4;

/** The kernel's objects by the symbols of a trace. */
export class KernelWorld {
  readonly recorder: Recorder;
  readonly #fds = new Map<string, number>();
  /** Symbols and numbers of programs by the kernel's ids. */
  readonly #programs = new Map<number, { readonly symbol: string; readonly progId: number }>();

  private constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** What the header lists. */
  static async create(recorder: Recorder, header: MapTraceHeader): Promise<KernelWorld> {
    const world = new KernelWorld(recorder);
    // Every namespace has the loopback device.
    await world.register(header.devices.filter(({ kind }) => kind !== 'loopback'));
    for (const prog of header.progs) await world.#addProgram(prog);
    for (const socket of header.sockets) await world.#addSocket(socket);
    return world;
  }

  fd(descriptor: Descriptor): number {
    if (typeof descriptor === 'number') return descriptor;
    if (descriptor === 'file') return FILE_FD;
    return this.#fds.get(descriptor) ?? BAD_FD;
  }

  set(symbol: string, fd: number): void {
    if (fd >= 0) this.#fds.set(symbol, fd);
  }

  async close(symbol: string): Promise<void> {
    const fd = this.#fds.get(symbol);
    this.#fds.delete(symbol);
    if (fd !== undefined) await this.recorder.close(fd);
  }

  // -- programs

  async #addProgram(prog: ProgDeclaration): Promise<void> {
    const { attribute: load, buffers } = programLoad(programCode([]), prog);
    const { result, errno } = await this.recorder.bpf(BPF.PROG_LOAD, load, buffers);
    if (result < 0) throw new Error(`program ${prog.id}: cannot be loaded: errno ${errno}`);
    await this.nameProgram(prog.id, prog.progId, result);
  }

  async nameProgram(symbol: string, progId: number, fd: number): Promise<void> {
    this.set(symbol, fd);
    this.#programs.set(await this.idOf(fd), { symbol, progId });
  }

  programById(id: number): { readonly symbol: string; readonly progId: number } {
    const program = this.#programs.get(id);
    if (program === undefined) throw new Error(`program id ${id} is none of the trace's`);
    return program;
  }

  /** The kernel's id of a map or a program, 0 for other descriptors. */
  async idOf(fd: number): Promise<number> {
    const { result, buffers } = await this.recorder.bpf(
      BPF.OBJ_GET_INFO_BY_FD,
      attribute(16, { 0: fd, 4: INFO_BYTES }),
      [{ offset: 8, bytes: Buffer.alloc(INFO_BYTES) }],
    );
    return result < 0 ? 0 : buffers[0]!.readUInt32LE(ID_OFFSET);
  }

  // -- sockets

  async #addSocket({ id, kind, bound, device, queue }: SocketDeclaration): Promise<void> {
    const { recorder } = this;
    if (kind === 'udp') this.set(id, await recorder.socket(AF.INET, SOCK.DGRAM));
    else if (kind === 'tcp') this.set(id, await recorder.socket(AF.INET, SOCK.STREAM));
    else if (kind === 'unix') this.set(id, await recorder.socket(AF.UNIX, SOCK.STREAM));
    else if (bound) this.set(id, await recorder.boundXsk(device ?? 0, queue ?? 0));
    else this.set(id, await recorder.socket(AF.XDP, SOCK.RAW));
  }

  // -- devices

  async register(devices: readonly DeviceDeclaration[]): Promise<void> {
    for (const { ifindex, name, kind, peer } of devices) {
      // The second end of a pair comes with the first.
      if (peer !== undefined && peer < ifindex) continue;
      const other = devices.find((each) => each.ifindex === peer);
      const end = other ? ` peer name ${other.name} index ${other.ifindex}` : '';
      await this.recorder.run(`ip link add ${name} index ${ifindex} type ${kind}${end} 2>&1`);
    }
    for (const { ifindex, up } of devices) if (up) await this.setUp(ifindex, true);
  }

  async setUp(ifindex: number, up: boolean): Promise<void> {
    const name = (await this.#names()).get(ifindex);
    if (name !== undefined)
      await this.recorder.run(`ip link set ${name} ${up ? 'up' : 'down'} 2>&1`);
  }

  /** Deletes the device or moves it away; the indices that left, the device's own first. */
  async unregister(ifindex: number, moves: boolean): Promise<number[]> {
    const before = await this.#names();
    const name = before.get(ifindex);
    if (name === undefined) return [];
    const away = moves ? await this.recorder.awayNamespace() : '';
    await this.recorder.run(
      moves ? `ip link set ${name} netns ${away} 2>&1` : `ip link delete ${name} 2>&1`,
    );
    const after = await this.#names();
    const left = [...before.keys()].filter((each) => !after.has(each));
    return left.toSorted((a, b) => Number(b === ifindex) - Number(a === ifindex));
  }

  async #names(): Promise<Map<number, string>> {
    const links = JSON.parse(await this.recorder.run('ip -json link show'));
    return new Map(
      links.map(({ ifindex, ifname }: { ifindex: number; ifname: string }) => [ifindex, ifname]),
    );
  }
}
