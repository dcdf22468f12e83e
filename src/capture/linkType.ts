/** LINKTYPE_ values that people meet (https://www.tcpdump.org/linktypes.html), to name them in messages. */
const NAMES = new Map<number, string>([
  [0, 'NULL'],
  [1, 'ETHERNET'],
  [9, 'PPP'],
  [101, 'RAW'],
  [105, 'IEEE802_11'],
  [108, 'LOOP'],
  [113, 'LINUX_SLL'],
  [127, 'IEEE802_11_RADIOTAP'],
  [189, 'USB_LINUX'],
  [220, 'USB_LINUX_MMAPPED'],
  [228, 'IPV4'],
  [229, 'IPV6'],
  [253, 'NETLINK'],
  [276, 'LINUX_SLL2'],
]);

export const LINKTYPE_ETHERNET = 1;

/** `1 (ETHERNET)`, or the number alone for a type without a name here. */
export function linkTypeName(linkType: number): string {
  const name = NAMES.get(linkType);
  return name === undefined ? `${linkType}` : `${linkType} (${name})`;
}
