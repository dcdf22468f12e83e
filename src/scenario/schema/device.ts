import * as v from 'valibot';
import {
  closed,
  flag,
  integer,
  list,
  matching,
  oneOf,
  optional,
  required,
  text,
} from './blocks.js';

/** `dev_valid_name` (net/core/dev.c): at most IFNAMSIZ - 1 bytes, no space, "/" or ":"; of ASCII only. */
const DEVICE_NAME = /^(?!\.{1,2}$)[!-.0-9;-~]{1,15}$/;

/** The name of a device, where one is declared and where one is meant. */
export function deviceName() {
  return matching(DEVICE_NAME, 'a device name: 1 to 15 characters, without spaces, "/" and ":"');
}

/** What a driver's `ndo_xdp_xmit` is known to return. */
const XMIT_ERRORS = [
  'EINVAL',
  'ENXIO',
  'ENETDOWN',
  'EOPNOTSUPP',
  'EBUSY',
  'EIO',
  'ENOBUFS',
  'ENODEV',
  'ENOMEM',
  'ENOSPC',
  'EAGAIN',
  'EMSGSIZE',
] as const;

/** An RSS hash key: 40 bytes of hex. */
const RSS_KEY = /^(?:[0-9A-Fa-f]{2}[ :]?){39}[0-9A-Fa-f]{2}$/;

const FeaturesSchema = closed({
  ndoXdpXmit: optional('The driver has ndo_xdp_xmit: frames can be redirected to it.', flag()),
  ndoXdpXmitSg: optional('ndo_xdp_xmit takes frames with fragments.', flag()),
  rxSg: optional('The receive side makes frames with fragments.', flag()),
});

const RssSchema = closed({
  key: optional(
    'Toeplitz key, 40 bytes of hex, as `ethtool -x` shows it. Default: the key of the RSS specification.',
    matching(RSS_KEY, '40 bytes of hex'),
  ),
  indirection: optional(
    'Receive queue for each value of the low bits of the hash; the length is a power of two. Default: all queues in turn.',
    v.pipe(
      list(integer(0, 255)),
      v.minLength(1, 'at least one queue'),
      v.maxLength(4096, 'at most 4096 queues'),
    ),
  ),
});

export const DeviceSchema = closed({
  name: required('Name of the device, unique.', deviceName()),
  ifindex: optional(
    'Interface index, unique. Default: the lowest that is free, in the order of the document.',
    integer(1, 2 ** 31 - 1),
  ),
  kind: optional('Which driver it behaves like.', oneOf(['nic', 'veth', 'tap', 'dummy']), 'nic'),
  up: optional('IFF_UP.', flag(), true),
  mtu: optional('Largest payload of a frame, bytes.', integer(68, 65535), 1500),
  rxQueues: optional('Receive queues.', integer(1, 256), 1),
  txQueues: optional('Transmit queues.', integer(1, 256), 1),
  cpus: optional(
    'The CPU that polls each receive queue (IRQ affinity). Default: queue i on CPU i, starting again at 0 where the CPUs run out.',
    list(integer(0, 255)),
  ),
  peer: optional(
    'veth: the device at the other end; one of the two ends may leave it out.',
    deviceName(),
  ),
  program: optional(
    'The XDP program attached to it (attach type "xdp").',
    text('the name of a program'),
  ),
  mode: optional(
    'Who runs the program: "native", the driver; "test-run", BPF_PROG_TEST_RUN with live frames.',
    oneOf(['native', 'test-run']),
    'native',
  ),
  gro: optional(
    'veth: NAPI runs here without a program too, so that the peer can transmit redirected frames.',
    flag(),
    false,
  ),
  features: optional(
    'NETDEV_XDP_ACT_* flags that differ from the default of the kind. nic: all; veth: rxSg, the other two if the peer ' +
      'has a program or gro; tap: ndoXdpXmit; dummy: none.',
    FeaturesSchema,
  ),
  ring: optional(
    'Slots of each transmit ring. Default: 4096; veth 256, tap 500.',
    integer(1, 16384),
  ),
  xmitError: optional('ndo_xdp_xmit fails with this errno.', oneOf(XMIT_ERRORS)),
  xmitMaxLength: optional(
    'ndo_xdp_xmit stops at a frame longer than this, bytes.',
    integer(1, 65535),
  ),
  drain: optional(
    'When the far end takes frames: after XDP_XMIT_FLUSH, or always. Default: flush; tap always.',
    oneOf(['flush', 'always']),
  ),
  rss: optional('How frames are spread over the receive queues.', RssSchema),
});
