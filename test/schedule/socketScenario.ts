import {
  MapType,
  XskBuffPool,
  XskBuffPoolReceiver,
  XskQueue,
  XskQueueOwn,
} from '../../src/arena/layout.generated.js';
import type { XskSocket } from '../../src/machine/sockets.js';
import type { System } from '../../src/machine/system.js';
import { u32ToBytes } from '../../src/maps/kernelMap.js';
import type { BuiltMachine, ExploredScenario } from '../../src/schedule/exploration.js';
import { Steer } from './programs.js';
import { createMap, deviceSpec, injector, type TestMap } from './trafficMachine.js';

const CHUNKS = 8;
/** Fewer than a burst: it runs dry. */
const RING = 4;
const BURST = 6;
const ROUNDS = 4;

interface SocketMachine extends BuiltMachine {
  readonly sockets: readonly { readonly socket: XskSocket; readonly fd: number }[];
  readonly map: TestMap;
  readonly inject: ReturnType<typeof injector>;
}

/** The contexts: two receivers, the far ends, and the applications. */
export const socketContexts = 4;

/**
 * A socket on each of two devices: an application reads the first, and sends back what it gets of the second, while
 * control takes them out of their map and puts them back, and stalls one.
 */
export const socketScenario: ExploredScenario<SocketMachine> = {
  kernel: 618,
  nrCpus: 2,
  build(system, [steer]) {
    const wireContext = system.deviceContext();
    const context = system.socketContext();
    const map = createMap(system, MapType.XSKMAP, 2, 4);
    const inputs = [0, 1].map((cpu) => {
      const rxContexts = [system.receiveContext(cpu)];
      return system.addDevice(deviceSpec(1 + cpu, { rxContexts, wires: 1, wireContext }));
    });
    for (const input of inputs) system.devices.setProgram(input, steer!.address);
    const sockets = (['drop', 'forward'] as const).map((application, index) => {
      const rings = { rxRing: RING, txRing: RING, fillRing: CHUNKS, completionRing: CHUNKS };
      const umem = { chunkSize: 2048, chunks: CHUNKS, headroom: 0, fill: CHUNKS };
      const device = inputs[index];
      const name = `s${index}`;
      const spec = { name, device, queue: 0, ...rings, ...umem, application, context };
      const socket = system.addSocket(spec);
      return { socket, fd: system.files.open({ kind: 'socket', socket }) };
    });
    const maps = [{ name: 'sockets', address: map.address }];
    return { maps, sockets, map, inject: injector(system, inputs) };
  },
  control(system, { sockets, map, inject }, turns) {
    const enter = (key: number) =>
      system.bpf.mapUpdateElem(map.fd, u32ToBytes(key), u32ToBytes(sockets[key]!.fd), 0n);
    for (let round = 0; round < ROUNDS; round++) {
      for (let n = 0; n < BURST; n++) {
        // Each fourth frame is for the socket of the other device, which refuses it.
        for (const input of [0, 1]) inject(input, [Steer.SOCKET, n % 4 === 3 ? 1 - input : input]);
      }
      enter(round & 1);
      sockets[0]!.socket.stalled = round === 1;
      if (round === 2) map.delete(0);
      enter(1 - (round & 1));
      system.housekeep();
    }
    sockets[0]!.socket.stalled = false;
    turns.settle();
    for (const { socket } of sockets) checkChunks(system, socket);
  },
};

/** Every chunk of the UMEM is where the next frame finds it: on the FILL ring or the free list. */
function checkChunks({ arena, dp }: System, { name, pool }: XskSocket): void {
  const fill = arena.get(pool, XskBuffPool.fq);
  const producer = dp.ringConsumer(fill) + dp.ringAvailable(fill);
  // What the receiver has taken, which the ring is told of with a flush only.
  const filled = producer - arena.get(fill + XskQueue.own, XskQueueOwn.cachedCons);
  const free = arena.get(pool + XskBuffPool.receiver, XskBuffPoolReceiver.freeListCnt);
  if (filled + free === CHUNKS) return;
  throw new RangeError(`socket ${name}: ${filled} chunks filled, ${free} free, of ${CHUNKS}`);
}
