import { Fate, RecordKind } from '../arena/layout.generated.js';
import type { XskSocket } from '../machine/sockets.js';
import { groupBy } from './groupBy.js';
import { KthreadReader, kthreadDetail } from './kthreadOutcome.js';
import { receiverOutcome } from './receiverOutcome.js';
import type { Delivery, Outcome, Row, SocketDeclaration } from './redirectTrace.js';
import type { RedirectWorld } from './redirectWorld.js';
import type { TraceCollector } from './traceCollector.js';

/**
 * What an experiment gave, in the shape of the format's `expect`. `read`: frames that applications read, by socket.
 *
 * Frames come in an order always; whether that order is more than accidental is the recording's to say.
 */
export function buildOutcome(
  world: RedirectWorld,
  batches: readonly number[],
  traces: TraceCollector,
  read: ReadonlyMap<string, readonly number[]>,
): Outcome {
  const reader = new KthreadReader(world);
  for (const context of world.kthreadContexts) reader.read(traces.of(context.id));
  const kthreads = [...reader.kthreads.values()];
  const detail = kthreadDetail(world, kthreads);
  const { stack, ...receiver } = receiverOutcome(world, batches, traces.of(world.receiver.id));
  return {
    ...receiver,
    kthread: kthreads.map(({ name, totals }) => ({ kthread: name, ...totals })),
    ...(detail && { kthreadDetail: detail }),
    delivered: {
      devices: transmitted(world, traces),
      cpumap: deliveries(kthreads.map(({ name, taken }) => [name, taken])),
      stack: deliveries([
        ['rx', stack],
        ...kthreads.map(({ name, stack }) => [name, stack] as const),
      ]),
      sockets: Object.fromEntries(
        world.sockets.map(({ declaration: { id } }) => [id, delivery(read.get(id) ?? [])]),
      ),
    },
    ...(world.sockets.length > 0 && { xskStats: socketStats(world) }),
  };
}

function delivery(frames: readonly number[]): Delivery {
  return { ordered: true, frames };
}

/** Destinations that got nothing are absent. */
function deliveries(
  all: Iterable<readonly [string, readonly number[]]>,
): Readonly<Record<string, Delivery>> {
  return Object.fromEntries(
    [...all]
      .filter(([, frames]) => frames.length > 0)
      .map(([name, frames]) => [name, delivery(frames)]),
  );
}

/** What came out of the far ends of the devices. */
function transmitted(
  world: RedirectWorld,
  traces: TraceCollector,
): Readonly<Record<string, Delivery>> {
  const records = traces
    .of(world.system.deviceContext().id)
    .filter(({ kind, type }) => kind === RecordKind.FATE && type === Fate.TRANSMITTED);
  const byDevice = groupBy(records, ({ fields }) => String(world.deviceName(fields[0]!)));
  return deliveries(
    [...byDevice].map(([name, own]) => [name, own.map(({ tag }) => tag - 1)] as const),
  );
}

function socketStats(world: RedirectWorld): Readonly<Record<string, Row>> {
  return Object.fromEntries(
    world.sockets.map(({ declaration, socket }) => [declaration.id, statsOf(declaration, socket)]),
  );
}

/** `XDP_STATISTICS`, and the indices of the FILL ring where the socket has one of its own. */
function statsOf({ sharedWith }: SocketDeclaration, socket: XskSocket): Row {
  const { rxDropped, rxInvalidDescs, rxRingFull, rxFillRingEmptyDescs } = socket.stats;
  const { producer, consumer } = socket.fillIndices;
  return {
    rxDropped,
    rxInvalidDescs,
    rxRingFull,
    rxFillRingEmptyDescs,
    ...(sharedWith === null && { fillProducer: producer, fillConsumer: consumer }),
  };
}
