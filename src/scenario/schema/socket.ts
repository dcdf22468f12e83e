import { closed, integer, oneOf, optional, powerOfTwo, required, text } from './blocks.js';
import { deviceName } from './device.js';

/** Largest ring of a socket, slots. */
const RING_MAX = 65536;

/** Settings of a UMEM have no default here: where `sharedUmem` names another socket, that socket's are meant. */
export const SocketSchema = closed({
  name: required('Name of the socket, unique.', text('a name')),
  device: required('Name of the device it is bound to.', deviceName()),
  queue: optional('Receive queue it is bound to.', integer(0, 255), 0),
  rxRing: optional('Descriptors of the RX ring, a power of two.', powerOfTwo(RING_MAX), 2048),
  txRing: optional('Descriptors of the TX ring, a power of two.', powerOfTwo(RING_MAX), 2048),
  fillRing: optional(
    'Addresses of the FILL ring, a power of two. Default: 2048.',
    powerOfTwo(RING_MAX),
  ),
  completionRing: optional(
    'Addresses of the COMPLETION ring, a power of two. Default: 2048.',
    powerOfTwo(RING_MAX),
  ),
  chunkSize: optional('Bytes of a chunk of the UMEM. Default: 4096.', oneOf([2048, 4096])),
  chunks: optional('Chunks of the UMEM. Default: 4096.', integer(1, 2 ** 20)),
  headroom: optional(
    'Bytes left free in a chunk, beside XDP_PACKET_HEADROOM. Default: 0.',
    integer(0, 4096),
  ),
  fill: optional(
    'Chunks posted to the FILL ring at the start. Default: as many as there are and fit.',
    integer(0, RING_MAX),
  ),
  sharedUmem: optional(
    'Name of the socket, of the same device and queue, whose UMEM and FILL and COMPLETION rings it uses (XDP_SHARED_UMEM).',
    text('the name of a socket'),
  ),
  application: optional(
    'What the program on the other side does: "drop" reads frames and posts the buffers again, "forward" sends them back ' +
      'with the MAC addresses swapped, "manual" leaves the rings to the test.',
    oneOf(['drop', 'forward', 'manual']),
    'drop',
  ),
});
