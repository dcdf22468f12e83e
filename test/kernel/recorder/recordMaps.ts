import type {
  BatchOp,
  CreateOp,
  Key,
  LoadProgOp,
  MapOp,
  MapResult,
  MapTraceHeader,
  MapType,
  ValueInput,
  ValueOutput,
} from '../../model/mapTrace.js';
import { attribute, BPF, MAP_TYPES, programCode, programLoad } from './bpf.js';
import type { AttributeBuffer, BpfResult, Recorder } from './recorder.js';
import { KernelWorld } from './world.js';

const NAME_BYTES = 16;
const ATTACH_TYPES: Readonly<Record<string, number>> = {
  'xdp/devmap': 33,
  'xdp/cpumap': 35,
  xdp: 37,
};

/** Performs the operations on the machine's own kernel; what came of each. */
export async function recordMaps(
  recorder: Recorder,
  header: MapTraceHeader,
  ops: readonly MapOp[],
): Promise<MapResult[]> {
  const recording = new MapRecording(await KernelWorld.create(recorder, header));
  const results: MapResult[] = [];
  for (const op of ops) results.push(await recording.perform(op));
  return results;
}

class MapRecording {
  readonly #world: KernelWorld;
  /** By symbol: what decodes the values of a map. */
  readonly #maps = new Map<string, { readonly type: MapType; readonly valueSize: number }>();

  constructor(world: KernelWorld) {
    this.#world = world;
  }

  perform(op: MapOp): Promise<MapResult> {
    switch (op.op) {
      case 'create':
        return this.#create(op);
      case 'update': {
        const value = this.#encode(op.value);
        return this.#element(BPF.MAP_UPDATE_ELEM, op.map, op.key, value, op.flags).then(errnoOf);
      }
      case 'lookup':
        return this.#read(BPF.MAP_LOOKUP_ELEM, op, op.nullValue !== true);
      case 'lookup_and_delete':
        return this.#read(BPF.MAP_LOOKUP_AND_DELETE_ELEM, op, true);
      case 'delete':
        return this.#element(BPF.MAP_DELETE_ELEM, op.map, op.key, null, 0).then(errnoOf);
      case 'next_key':
        return this.#nextKey(op.map, op.key);
      case 'lookup_batch':
      case 'lookup_and_delete_batch':
      case 'update_batch':
      case 'delete_batch':
        return this.#batch(op);
      case 'freeze':
        return this.#bpf(BPF.MAP_FREEZE, attribute(4, { 0: this.#world.fd(op.map) })).then(errnoOf);
      case 'info':
        return this.#info(op.map);
      case 'open':
        return this.#open(op);
      case 'load_prog':
        return this.#loadProg(op);
      default:
        return this.#changeWorld(op);
    }
  }

  #bpf(cmd: number, bytes: Buffer, buffers: readonly AttributeBuffer[] = []): Promise<BpfResult> {
    return this.#world.recorder.bpf(cmd, bytes, buffers);
  }

  async #create(op: CreateOp): Promise<MapResult> {
    const bytes = attribute(
      80,
      {
        0: MAP_TYPES[op.type],
        4: op.keySize,
        8: op.valueSize,
        12: op.maxEntries,
        16: op.mapFlags,
        20: op.innerMap === undefined ? 0 : this.#world.fd(op.innerMap),
        24: op.numaNode ?? 0,
        44: op.mapIfindex ?? 0,
        48: op.btfFd === undefined ? 0 : this.#world.fd(op.btfFd),
        52: op.btfKeyTypeId ?? 0,
        56: op.btfValueTypeId ?? 0,
      },
      { 64: BigInt(op.mapExtra ?? 0) },
    );
    Buffer.from(op.name ?? '').copy(bytes, 28, 0, NAME_BYTES);
    const made = await this.#bpf(BPF.MAP_CREATE, bytes);
    this.#world.set(op.map, made.result);
    this.#maps.set(op.map, op);
    return errnoOf(made);
  }

  // -- elements

  #encode(value: ValueInput): Buffer | null {
    if (value === null) return null;
    if (typeof value === 'string') return Buffer.from(value, 'hex');
    if ('socket' in value) return u32s(this.#world.fd(value.socket));
    const first = 'qsize' in value ? value.qsize : value.ifindex;
    return value.prog === undefined ? u32s(first) : u32s(first, this.#world.fd(value.prog));
  }

  /** The first buffer is the key, unless that is null. */
  #element(
    cmd: number,
    map: CreateOp['map'] | number,
    key: Key,
    value: Buffer | null,
    flags: number | string,
  ): Promise<BpfResult> {
    const bytes = attribute(32, { 0: this.#world.fd(map) }, { 24: BigInt(flags) });
    const buffers: AttributeBuffer[] = [];
    if (key !== null) buffers.push({ offset: 8, bytes: Buffer.from(key, 'hex') });
    if (value !== null) buffers.push({ offset: 16, bytes: value });
    return this.#bpf(cmd, bytes, buffers);
  }

  async #read(
    cmd: number,
    { map, key, flags }: Extract<MapOp, { op: 'lookup' | 'lookup_and_delete' }>,
    wantsValue: boolean,
  ): Promise<MapResult> {
    const room = wantsValue ? Buffer.alloc(8) : null;
    const read = await this.#element(cmd, map, key, room, flags);
    if (read.errno !== 0) return errnoOf(read);
    return { errno: 0, value: this.#decode(String(map), read.buffers.at(-1)!) };
  }

  #decode(map: string, bytes: Buffer): ValueOutput {
    const { type, valueSize } = this.#maps.get(map)!;
    const first = bytes.readUInt32LE(0);
    const number = type === 'cpumap' ? { qsize: first } : { ifindex: first };
    if (valueSize !== 8) return { raw: u32s(first).toString('hex'), ...number };
    const id = bytes.readUInt32LE(4);
    if (id === 0) return { raw: u32s(first, 0).toString('hex'), ...number, prog: 0 };
    const { symbol, progId } = this.#world.programById(id);
    return { raw: u32s(first, progId).toString('hex'), ...number, prog: symbol };
  }

  async #nextKey(map: CreateOp['map'] | number, key: Key): Promise<MapResult> {
    const found = await this.#element(BPF.MAP_GET_NEXT_KEY, map, key, Buffer.alloc(4), 0);
    if (found.errno !== 0) return errnoOf(found);
    return { errno: 0, next: found.buffers.at(-1)!.toString('hex') };
  }

  async #batch(op: BatchOp): Promise<MapResult> {
    const bytes = attribute(
      56,
      { 32: op.count, 36: this.#world.fd(op.map) },
      { 40: BigInt(op.elemFlags), 48: BigInt(op.flags) },
    );
    const keys = 'keys' in op && op.keys ? Buffer.from(op.keys.join(''), 'hex') : undefined;
    const values =
      'values' in op
        ? Buffer.concat(op.values.map((value) => this.#encode(value) ?? Buffer.alloc(0)))
        : undefined;
    const done = await this.#bpf(BATCH_COMMANDS[op.op], bytes, [
      ...('inBatch' in op && op.inBatch
        ? [{ offset: 0, bytes: Buffer.from(op.inBatch, 'hex') }]
        : []),
      { offset: 8, bytes: Buffer.alloc(4) },
      { offset: 16, bytes: keys ?? Buffer.alloc(4 * op.count) },
      { offset: 24, bytes: values ?? Buffer.alloc(8 * op.count) },
    ]);
    return { ...errnoOf(done), countOut: done.attribute.readUInt32LE(32) };
  }

  // -- maps and programs as a whole

  async #info(map: CreateOp['map'] | number): Promise<MapResult> {
    const told = await this.#bpf(
      BPF.OBJ_GET_INFO_BY_FD,
      attribute(16, { 0: this.#world.fd(map), 4: 80 }),
      [{ offset: 8, bytes: Buffer.alloc(80) }],
    );
    if (told.errno !== 0) return errnoOf(told);
    const [info] = told.buffers;
    const [type, , keySize, valueSize, maxEntries, mapFlags] = Array.from({ length: 6 }, (_, i) =>
      info!.readUInt32LE(4 * i),
    ) as unknown as readonly [number, number, number, number, number, number];
    const [typeName] = Object.entries(MAP_TYPES).find(([, id]) => id === type) ?? ['?'];
    const name = info!.toString('utf8', 24, info!.indexOf(0, 24));
    return { errno: 0, info: { type: typeName, keySize, valueSize, maxEntries, mapFlags, name } };
  }

  async #open({ map, as, flags }: Extract<MapOp, { op: 'open' }>): Promise<MapResult> {
    const id = await this.#world.idOf(this.#world.fd(map));
    const bytes = attribute(12, { 0: id, 8: Number(BigInt.asUintN(32, BigInt(flags))) });
    const opened = await this.#bpf(BPF.MAP_GET_FD_BY_ID, bytes);
    this.#world.set(as, opened.result);
    const attributes = this.#maps.get(String(map));
    if (attributes !== undefined) this.#maps.set(as, attributes);
    return errnoOf(opened);
  }

  async #loadProg({ prog, progId, attach, frags, maps }: LoadProgOp): Promise<MapResult> {
    const { attribute: load, buffers } = programLoad(
      programCode(maps.map((map) => this.#world.fd(map))),
      { type: 'xdp', expectedAttachType: ATTACH_TYPES[attach] ?? 0, frags },
    );
    const loaded = await this.#bpf(BPF.PROG_LOAD, load, buffers);
    if (loaded.errno === 0) await this.#world.nameProgram(prog, progId, loaded.result);
    return errnoOf(loaded);
  }

  // -- what happens around the maps

  async #changeWorld(
    op: Extract<
      MapOp,
      {
        op:
          | 'close_map'
          | 'close_prog'
          | 'close_socket'
          | 'unregister_device'
          | 'register_device'
          | 'set_device';
      }
    >,
  ): Promise<MapResult> {
    switch (op.op) {
      case 'close_map':
        await this.#world.close(op.map);
        return {};
      case 'close_prog':
        await this.#world.close(op.prog);
        return {};
      case 'close_socket':
        await this.#world.close(op.socket);
        return {};
      case 'unregister_device':
        return { removed: await this.#world.unregister(op.ifindex, op.how === 'netns') };
      case 'register_device':
        await this.#world.register(op.devices);
        return {};
      case 'set_device':
        await this.#world.setUp(op.ifindex, op.up);
        return {};
    }
  }
}

const BATCH_COMMANDS = {
  lookup_batch: BPF.MAP_LOOKUP_BATCH,
  lookup_and_delete_batch: BPF.MAP_LOOKUP_AND_DELETE_BATCH,
  update_batch: BPF.MAP_UPDATE_BATCH,
  delete_batch: BPF.MAP_DELETE_BATCH,
} as const;

function u32s(...values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function errnoOf({ errno }: BpfResult): MapResult {
  return { errno };
}
