import type {
  DeviceRef,
  MapRef,
  RedirectDevice,
  RedirectDocument,
  RedirectMap,
  RedirectMapEntry,
} from '../../model/redirectTrace.js';
import { attribute, BPF, MAP_TYPES, programLoad } from './bpf.js';
import type { Recorder } from './recorder.js';
import {
  entryProgram,
  FRAME_BYTES_MIN,
  farProgram,
  mainProgram,
  type ProgramSymbols,
  passProgram,
  stackProgram,
} from './redirectPrograms.js';
import { FIRST_IFINDEX } from './traceInstance.js';

const ABSENT_IFINDEX = 9999;
const ARRAY = 2;
const ATTACH = { XDP_DEVMAP: 33, XDP_CPUMAP: 35, XDP: 37, TCX_INGRESS: 46 } as const;
const XDP_FLAGS_DRV_MODE = 1 << 2;
const TEST_XDP_LIVE_FRAMES = 1 << 1;
const PROG_TEST_RUN = 10;
const LINK_CREATE = 28;
const XDP_MD_BYTES = 24;

/** The kernel's objects of a redirect experiment, and the way back from its numbers to symbols. */
export class RedirectKernel {
  readonly #recorder: Recorder;
  readonly #document: RedirectDocument;
  readonly #nonce: string;
  readonly #ifindexes = new Map<string, number>();
  readonly #deviceNames = new Map<number, string>();
  readonly #mapFds = new Map<string, number>();
  readonly #mapNames = new Map<number, string>();
  readonly #programNames = new Map<number, string>();
  #mainFd = -1;
  #templateBytes = 0;

  private constructor(recorder: Recorder, document: RedirectDocument, nonce: string) {
    this.#recorder = recorder;
    this.#document = document;
    this.#nonce = nonce;
  }

  /** Makes all that the document lists; what its programs tell of has `nonce`. */
  static async create(
    recorder: Recorder,
    document: RedirectDocument,
    nonce: string,
  ): Promise<RedirectKernel> {
    const kernel = new RedirectKernel(recorder, document, nonce);
    await recorder.run(
      'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>&1',
    );
    for (const [index, device] of document.devices.entries())
      await kernel.#addDevice(index, device);
    await kernel.#addMaps();
    await kernel.#addMain();
    return kernel;
  }

  // -- devices

  async #addDevice(index: number, device: RedirectDevice): Promise<void> {
    const { name, mtu, up, peer } = device;
    if (peer === undefined) throw new Error(`device ${name}: only veths can be recorded`);
    const ifindex = FIRST_IFINDEX + 2 * index;
    const far = `${name}p`;
    const commands = [
      `ip link add ${name} index ${ifindex} type veth peer name ${far} index ${ifindex + 1}`,
      `ip link set ${name} mtu ${mtu} ${up ? 'up' : 'down'}`,
      `ip link set ${far} mtu ${peer.mtu} ${peer.up ? 'up' : 'down'}`,
    ];
    await this.#recorder.run(`(${commands.join(' && ')}) 2>&1`);
    this.#ifindexes.set(name, ifindex);
    this.#deviceNames.set(ifindex, name);
    if (peer.receive === 'xdp') {
      const program = await this.#load('xdp', ATTACH.XDP, farProgram(this.#symbols, index));
      await this.#attach(program, ifindex + 1, ATTACH.XDP, XDP_FLAGS_DRV_MODE);
    }
    if (name !== this.#document.ingress.device) return;
    const pass = await this.#load('xdp', ATTACH.XDP, passProgram());
    await this.#attach(pass, ifindex, ATTACH.XDP, XDP_FLAGS_DRV_MODE);
    const stack = await this.#load('sched_cls', 0, stackProgram(this.#symbols));
    await this.#attach(stack, ifindex, ATTACH.TCX_INGRESS, 0);
  }

  async #attach(fd: number, ifindex: number, type: number, flags: number): Promise<void> {
    const bytes = attribute(64, { 0: fd, 4: ifindex, 8: type, 12: flags });
    await this.#call(LINK_CREATE, bytes, [], `a program on ifindex ${ifindex}`);
  }

  deviceName(ifindex: number): DeviceRef {
    return this.#deviceNames.get(ifindex) ?? ifindex;
  }

  isOwnDevice(ifindex: number): boolean {
    return this.#deviceNames.has(ifindex);
  }

  /** Of the device with this place in the document. */
  deviceAt(index: number): string {
    return this.#document.devices[index]!.name;
  }

  // -- maps

  async #addMaps(): Promise<void> {
    const { maps, programs } = this.#document;
    for (const map of maps) {
      const fd = await this.#createMap(MAP_TYPES[map.type], map.valueSize, map.maxEntries, map.id);
      this.#mapFds.set(map.id, fd);
      this.#mapNames.set(await this.#idOf(fd), map.id);
    }
    const fds = new Map<string, number>();
    for (const [number, program] of programs.entries()) {
      const type = program.kind === 'cpumap' ? ATTACH.XDP_CPUMAP : ATTACH.XDP_DEVMAP;
      const fd = await this.#load('xdp', type, entryProgram(this.#symbols, number, program));
      this.#programNames.set(await this.#idOf(fd), program.id);
      fds.set(program.id, fd);
    }
    for (const map of maps) for (const entry of map.entries) await this.#update(map, entry, fds);
  }

  async #createMap(type: number, valueSize: number, maxEntries: number, what: string) {
    const bytes = attribute(80, { 0: type, 4: 4, 8: valueSize, 12: maxEntries });
    return await this.#call(BPF.MAP_CREATE, bytes, [], `map ${what}`);
  }

  async #update(
    { id }: RedirectMap,
    { key, qsize, device, prog }: RedirectMapEntry,
    programs: ReadonlyMap<string, number>,
  ): Promise<void> {
    const value = Buffer.alloc(8);
    value.writeUInt32LE(qsize ?? this.#ifindexes.get(device!)!);
    if (prog != null) value.writeInt32LE(programs.get(prog)!, 4);
    const buffers = [
      { offset: 8, bytes: u32(key) },
      { offset: 16, bytes: value },
    ];
    const bytes = attribute(32, { 0: this.#mapFds.get(id)! });
    await this.#call(BPF.MAP_UPDATE_ELEM, bytes, buffers, `map ${id}: key ${key}`);
  }

  mapName(id: number): MapRef {
    return this.#mapNames.get(id) ?? id;
  }

  get mapIds(): readonly number[] {
    return [...this.#mapNames.keys()];
  }

  isOwnMap(id: number): boolean {
    return this.#mapNames.has(id);
  }

  // -- programs

  get #symbols(): ProgramSymbols {
    return {
      nonce: this.#nonce,
      mapFd: (id) => this.#mapFds.get(id)!,
      ifindex: (device) =>
        typeof device === 'number' ? device : (this.#ifindexes.get(device) ?? ABSENT_IFINDEX),
    };
  }

  async #addMain(): Promise<void> {
    const { script, frames } = this.#document;
    const counterFd = await this.#createMap(ARRAY, 4, 1, 'of the frame counter');
    const lengths = script.map(({ len }) => len ?? frames.length);
    this.#templateBytes = Math.max(FRAME_BYTES_MIN, ...lengths);
    const options = { counterFd, templateBytes: this.#templateBytes, length: frames.length };
    const code = mainProgram(this.#symbols, script, options);
    this.#mainFd = await this.#load('xdp', ATTACH.XDP, code);
    this.#programNames.set(await this.#idOf(this.#mainFd), 'main');
  }

  async #load(type: string, expectedAttachType: number, code: Buffer): Promise<number> {
    const load = programLoad(code, { type, expectedAttachType, frags: false });
    return await this.#call(
      BPF.PROG_LOAD,
      load.attribute,
      load.buffers,
      `a program of type ${type}`,
    );
  }

  programName(id: number): string | undefined {
    return this.#programNames.get(id);
  }

  /** One batch of frames, with one flush at its end. */
  async receive(frames: number): Promise<void> {
    const context = Buffer.alloc(XDP_MD_BYTES);
    context.writeUInt32LE(this.#templateBytes, 4);
    context.writeUInt32LE(this.#ifindexes.get(this.#document.ingress.device)!, 12);
    const bytes = attribute(80, {
      0: this.#mainFd,
      8: this.#templateBytes,
      32: frames,
      40: XDP_MD_BYTES,
      64: TEST_XDP_LIVE_FRAMES,
      72: frames,
    });
    const buffers = [
      { offset: 16, bytes: Buffer.alloc(this.#templateBytes) },
      { offset: 48, bytes: context },
    ];
    await this.#call(PROG_TEST_RUN, bytes, buffers, `a run of ${frames} frames`);
  }

  // -- system calls

  async #idOf(fd: number): Promise<number> {
    const info = Buffer.alloc(80);
    const bytes = attribute(16, { 0: fd, 4: info.length });
    const { buffers } = await this.#recorder.bpf(BPF.OBJ_GET_INFO_BY_FD, bytes, [
      { offset: 8, bytes: info },
    ]);
    return buffers[0]!.readUInt32LE(4);
  }

  async #call(
    command: number,
    bytes: Buffer,
    buffers: readonly { readonly offset: number; readonly bytes: Buffer }[],
    what: string,
  ): Promise<number> {
    const { result, errno } = await this.#recorder.bpf(command, bytes, buffers);
    if (result < 0) throw new Error(`${what}: errno ${errno}`);
    return result;
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
