import { type PathKey, show } from '../error.js';
import type { SocketSpec, UmemSpec } from '../scenario.js';
import type { ScenarioDeclared, SocketDeclared } from '../schema/scenario.js';
import { type Checks, compact } from './checks.js';

/** include/uapi/linux/bpf.h. */
const XDP_PACKET_HEADROOM = 256;

export function resolveSockets(declared: ScenarioDeclared, checks: Checks): readonly SocketSpec[] {
  checkBindings(declared, checks);
  const { sockets } = declared;
  return sockets.map((socket, index) => {
    const path = ['sockets', index];
    const owner = umemOwner(sockets, index, checks);
    const umem = resolveUmem(owner ?? socket);
    if (owner === undefined) checkUmem(path, umem, checks);
    else checkSameUmem(path, socket, owner, umem, checks);
    return compact({ ...socket, ...umem });
  });
}

/** A device's queue has one UMEM (net/xdp/xsk.c:xsk_bind, -EBUSY): a second socket there must share it. */
function checkBindings({ devices, sockets }: ScenarioDeclared, checks: Checks): void {
  const owners = new Map<string, number>();
  for (const [index, socket] of sockets.entries()) {
    const path = ['sockets', index];
    const device = checks.device([...path, 'device'], socket.device);
    const rxQueues = device === undefined ? Number.POSITIVE_INFINITY : devices[device]!.rxQueues;
    if (socket.queue >= rxQueues) {
      checks.report([...path, 'queue'], `a receive queue below ${rxQueues}`, `${socket.queue}`);
    }
    if (socket.sharedUmem !== undefined) continue;
    const binding = `${socket.device}/${socket.queue}`;
    const owner = owners.get(binding);
    if (owner === undefined) owners.set(binding, index);
    else {
      const expected = `a device and queue that sockets[${owner}] is not bound to, or its name as sharedUmem`;
      checks.report(path, expected, `queue ${socket.queue} of ${show(socket.device)} again`);
    }
  }
}

/** The socket whose UMEM `sockets[index]` shares; undefined where it has its own, or the document is wrong. */
function umemOwner(
  sockets: readonly SocketDeclared[],
  index: number,
  checks: Checks,
): SocketDeclared | undefined {
  const { sharedUmem, device, queue } = sockets[index]!;
  if (sharedUmem === undefined) return undefined;
  const path = ['sockets', index, 'sharedUmem'];
  const ownerIndex = checks.socket(path, sharedUmem);
  if (ownerIndex === undefined) return undefined;
  const owner = sockets[ownerIndex]!;
  if (owner.sharedUmem !== undefined) {
    checks.report(path, 'a socket with a UMEM of its own', `${show(sharedUmem)}, which shares one`);
    return undefined;
  }
  if (owner.device !== device || owner.queue !== queue) {
    const found = `${show(sharedUmem)}, on queue ${owner.queue} of ${show(owner.device)}`;
    checks.report(path, `a socket on queue ${queue} of ${show(device)}`, found);
    return undefined;
  }
  return owner;
}

function resolveUmem(socket: SocketDeclared): UmemSpec {
  const { chunkSize = 4096, chunks = 4096, headroom = 0 } = socket;
  const { fillRing = 2048, completionRing = 2048 } = socket;
  const { fill = Math.min(chunks, fillRing) } = socket;
  return { chunkSize, chunks, headroom, fill, fillRing, completionRing };
}

function checkUmem(path: readonly PathKey[], umem: UmemSpec, checks: Checks): void {
  const { chunkSize, chunks, headroom, fill, fillRing } = umem;
  // net/xdp/xdp_umem.c:xdp_umem_reg.
  if (headroom >= chunkSize - XDP_PACKET_HEADROOM) {
    const expected = `a headroom below ${chunkSize - XDP_PACKET_HEADROOM}`;
    checks.report([...path, 'headroom'], expected, `${headroom}`);
  }
  const fillMax = Math.min(chunks, fillRing);
  if (fill > fillMax) checks.report([...path, 'fill'], `at most ${fillMax} chunks`, `${fill}`);
}

/** What a sharing socket says of the UMEM, if anything, has to be what its owner says. */
function checkSameUmem(
  path: readonly PathKey[],
  socket: SocketDeclared,
  owner: SocketDeclared,
  umem: UmemSpec,
  checks: Checks,
): void {
  for (const key of Object.keys(umem) as (keyof UmemSpec)[]) {
    if (socket[key] === undefined || socket[key] === umem[key]) continue;
    const expected = `${umem[key]}, as it is the UMEM of ${show(owner.name)}`;
    checks.report([...path, key], expected, `${socket[key]}`);
  }
}
