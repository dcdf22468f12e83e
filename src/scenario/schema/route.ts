import { closed, integer, oneOf, optional, required, text } from './blocks.js';
import { deviceName } from './device.js';

/** `rtm_type` in the words of `ip route`. */
export const ROUTE_TYPES = ['unicast', 'local', 'blackhole', 'unreachable', 'prohibit'] as const;

const U32_MAX = 2 ** 32 - 1;

export const RouteSchema = closed({
  to: required(
    'The destinations: an IPv4 or IPv6 prefix such as 10.0.0.0/8, or an address.',
    text('a prefix such as 10.0.0.0/8'),
  ),
  device: optional('Name of the device that it leads to.', deviceName()),
  via: optional(
    'Address of the next hop, of either family. Default: the destination is on the link.',
    text('an IP address'),
  ),
  type: optional('What becomes of packets there.', oneOf(ROUTE_TYPES), 'unicast'),
  table: optional('Routing table: 254 is main, 255 local.', integer(1, U32_MAX), 254),
  metric: optional('Of two routes to the same prefix the smaller wins.', integer(0, U32_MAX), 0),
  mtu: optional('MTU of the route. Default: the device’s.', integer(68, 65535)),
  src: optional('Preferred source address.', text('an IP address')),
});

export const NeighbourSchema = closed({
  device: required('Name of the device that it is reached by.', deviceName()),
  address: required('Its IP address.', text('an IP address')),
  mac: required('Its MAC address.', text('a MAC address')),
});
