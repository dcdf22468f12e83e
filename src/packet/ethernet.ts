import { getU16, putU16 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { MAC_BYTES, toMac } from './mac.js';
import { ETHERTYPE } from './numbers.js';
import { PacketError } from './packetError.js';

/** Ethernet II header (IEEE 802.3, 3.2), then up to two tags (IEEE 802.1Q, 9.6), then the EtherType again. */
const FIELD = { dst: 0, src: 6, type: 12 } as const;
const TAG = { tpid: 0, tci: 2 } as const;
export const ETHERNET_HEADER_BYTES = 14;
export const VLAN_TAG_BYTES = 4;

/** A service tag and a customer tag (802.1ad), which is as far as NICs look; a third is left as the EtherType. */
export const VLAN_TAGS_MAX = 2;

export interface VlanTag {
  /** Tag protocol: `ETHERTYPE.vlan` (the default) or `ETHERTYPE.qinq`. */
  readonly tpid?: number;
  /** VLAN, 0..4095. */
  readonly vid: number;
  /** Priority, 0..7, 0 unless given. */
  readonly pcp?: number;
  /** Drop eligible, false unless given. */
  readonly dei?: boolean;
}

export interface EthernetHeader {
  readonly dst: string | Uint8Array;
  readonly src: string | Uint8Array;
  readonly vlans?: readonly VlanTag[];
  readonly etherType: number;
}

export class EthernetView extends HeaderView {
  readonly tagCount: number;

  private constructor(bytes: Uint8Array, start: number, end: number) {
    super(bytes, start, end);
    this.tagCount = countTags(bytes, start, end);
  }

  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, ETHERNET_HEADER_BYTES);
    if (short !== null) return short;
    return shortHeader(
      start,
      end,
      ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES * countTags(bytes, start, end),
    );
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): EthernetView {
    const problem = EthernetView.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('Ethernet', start, problem);
    return new EthernetView(bytes, start, end);
  }

  get headerLength(): number {
    return ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES * this.tagCount;
  }

  get dst(): Uint8Array {
    return this.slice(FIELD.dst, MAC_BYTES);
  }

  get src(): Uint8Array {
    return this.slice(FIELD.src, MAC_BYTES);
  }

  /** What the payload is, behind the tags; below 1536 it is an 802.3 length. */
  get etherType(): number {
    return this.u16(FIELD.type + VLAN_TAG_BYTES * this.tagCount);
  }

  /** Outer tag first. */
  get vlans(): Required<VlanTag>[] {
    return Array.from({ length: this.tagCount }, (_, i) => {
      const at = FIELD.type + VLAN_TAG_BYTES * i;
      const tci = this.u16(at + TAG.tci);
      return {
        tpid: this.u16(at + TAG.tpid),
        vid: tci & 0xfff,
        pcp: tci >>> 13,
        dei: (tci & 0x1000) !== 0,
      };
    });
  }
}

/** Length of the header that `writeEthernet` writes, in bytes. */
export function ethernetLength(header: Pick<EthernetHeader, 'vlans'>): number {
  return ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES * (header.vlans?.length ?? 0);
}

/**
 * Writes the header at `at`.
 *
 * @throws RangeError on a field out of range, or more than `VLAN_TAGS_MAX` tags
 */
export function writeEthernet(header: EthernetHeader, out: Uint8Array, at = 0): void {
  const vlans = header.vlans ?? [];
  integerIn('Ethernet VLAN tags', vlans.length, 0, VLAN_TAGS_MAX);
  out.set(toMac(header.dst), at + FIELD.dst);
  out.set(toMac(header.src), at + FIELD.src);
  let next = at + FIELD.type;
  for (const { tpid = ETHERTYPE.vlan, vid, pcp = 0, dei = false } of vlans) {
    if (!isTag(tpid)) {
      throw new RangeError(`VLAN tpid: expected 0x8100 or 0x88a8, found 0x${tpid.toString(16)}`);
    }
    const priority = integerIn('VLAN pcp', pcp, 0, 7) << 13;
    putU16(out, next + TAG.tpid, tpid);
    putU16(
      out,
      next + TAG.tci,
      priority | (dei ? 0x1000 : 0) | integerIn('VLAN vid', vid, 0, 4095),
    );
    next += VLAN_TAG_BYTES;
  }
  putU16(out, next, integerIn('EtherType', header.etherType, 0, 0xffff));
}

/** Tags that start within the bytes; whether the last is whole is for `problem` to say. */
function countTags(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start + FIELD.type;
  while (count < VLAN_TAGS_MAX && at + 2 <= end && isTag(getU16(bytes, at))) {
    count += 1;
    at += VLAN_TAG_BYTES;
  }
  return count;
}

function isTag(etherType: number): boolean {
  return etherType === ETHERTYPE.vlan || etherType === ETHERTYPE.qinq;
}
