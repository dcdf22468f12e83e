/** EtherType values (IANA "IEEE 802 Numbers"; `include/uapi/linux/if_ether.h`: ETH_P_*). */
export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  /** 802.1Q tag. */
  vlan: 0x8100,
  ipv6: 0x86dd,
  /** 802.1ad service tag. */
  qinq: 0x88a8,
} as const;

/** IP protocol and IPv6 next-header values (IANA "Protocol Numbers"). */
export const IPPROTO = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  ah: 51,
  icmpv6: 58,
  none: 59,
  destination: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const;

const PROTOCOL_NAMES = new Map<number, string>([
  [IPPROTO.icmp, 'icmp'],
  [IPPROTO.tcp, 'tcp'],
  [IPPROTO.udp, 'udp'],
  [IPPROTO.icmpv6, 'icmp6'],
]);

/** `udp`, or `proto-132` for a protocol without a name here. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `proto-${protocol}`;
}
