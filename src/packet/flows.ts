import { tcpFrame, udpFrame } from './build.js';
import { getU16, putU16, putU32 } from './bytes.js';
import { updateChecksum } from './checksum.js';
import { type Flow, flowOf, locateFlow } from './flow.js';
import { integerIn } from './integers.js';
import { IPV4_BYTES, type IpInput, toIp } from './ipAddress.js';
import { IPV4_FIELD } from './ipv4.js';
import { TCP_FIELD, TCP_HEADER_BYTES } from './tcp.js';
import { UDP_FIELD, UDP_HEADER_BYTES } from './udp.js';

/** Ethernet's least, without FCS: with it, the 64-byte frame of the benchmarks. */
export const FRAME_BYTES_MIN = 60;
/** Jumbo frames. */
export const FRAME_BYTES_MAX = 9014;
export const FLOWS_MAX = 1_000_000;

const SOURCE_PORT_MIN = 1024;
/** A flow's 32-bit identity is split: 15 bits to the source port, 17 to the source address. */
const SOURCE_PORT_BITS = 15;
const SOURCE = { 4: '10.0.0.0', 6: '2001:db8::' } as const;
const DESTINATION = { 4: '192.0.2.1', 6: '2001:db8:ffff::1' } as const;
/** discard (RFC 863), as pktgen's. */
const DISCARD_PORT = 9;
/** RFC 768: a UDP checksum of 0 is sent as its other representation. */
const UDP_ZERO_SUM = 0xffff;

export interface FlowsSpec {
  /** 32 bits; same seed, same flows. */
  readonly seed: number;
  /** Number of distinct flows, 1..`FLOWS_MAX`. */
  readonly count: number;
  /** `both`: even flows are UDP, odd ones TCP. `udp` unless given. */
  readonly protocol?: 'udp' | 'tcp' | 'both';
  /** IP version, 4 unless given. */
  readonly version?: 4 | 6;
  /** Bytes of every frame without FCS, `FRAME_BYTES_MIN..FRAME_BYTES_MAX`, the least unless given. */
  readonly frameLength?: number;
  readonly dst?: IpInput;
  readonly dport?: number;
  readonly srcMac?: string | Uint8Array;
  readonly dstMac?: string | Uint8Array;
}

/** The head of flow zero, and where the parts lie that differ from flow to flow. */
interface Template {
  readonly head: Uint8Array;
  readonly isUdp: boolean;
  /** Last 4 bytes of the source address. */
  readonly sourceAt: number;
  readonly sportAt: number;
  readonly checksumAt: number;
  /** -1 for IPv6. */
  readonly ipChecksumAt: number;
}

/**
 * Distinct flows, each a function of seed and index alone: nothing is stored for a flow, so a million cost no memory.
 *
 * A frame is its head and zeros up to `frameLength`; its checksums are right for that.
 */
export class Flows {
  readonly count: number;
  /** Bytes of every frame. */
  readonly frameLength: number;
  readonly #seed: number;
  /** Flow i takes template `i % templates`. */
  readonly #templates: readonly Template[];

  /** @throws TypeError or RangeError that names the field */
  constructor(spec: FlowsSpec) {
    this.count = integerIn('flow count', spec.count, 1, FLOWS_MAX);
    this.#seed = mix(integerIn('flow seed', spec.seed, 0, 0xffff_ffff));
    const { frameLength = FRAME_BYTES_MIN, protocol = 'udp', version = 4 } = spec;
    oneOf('flow protocol', protocol, ['udp', 'tcp', 'both']);
    oneOf('flow IP version', version, [4, 6]);
    this.frameLength = integerIn('frame length', frameLength, FRAME_BYTES_MIN, FRAME_BYTES_MAX);
    const protocols = protocol === 'both' ? (['udp', 'tcp'] as const) : [protocol];
    this.#templates = protocols.map((each) => templateOf(spec, each, frameLength));
  }

  /** Bytes of the longest head. */
  get headLengthMax(): number {
    return Math.max(...this.#templates.map(({ head }) => head.length));
  }

  /**
   * Writes the headers of flow `index` at `out[at]`.
   *
   * @param index 0..`count - 1`, not checked
   * @returns bytes written, Ethernet to transport header
   */
  writeHead(index: number, out: Uint8Array, at = 0): number {
    const template = this.#templates[index % this.#templates.length]!;
    const { head, isUdp, sourceAt, sportAt, checksumAt, ipChecksumAt } = template;
    const identity = mix(this.#seed + index);
    out.set(head, at);
    const source = (getU16(head, sourceAt) << 16) | (identity >>> SOURCE_PORT_BITS);
    const sport = SOURCE_PORT_MIN + (identity & ((1 << SOURCE_PORT_BITS) - 1));
    putU32(out, at + sourceAt, source);
    putU16(out, at + sportAt, sport);
    amend(head, checksumAt, sourceAt, out, at);
    amend(head, checksumAt, sourceAt + 2, out, at);
    amend(head, checksumAt, sportAt, out, at);
    if (isUdp && getU16(out, at + checksumAt) === 0) putU16(out, at + checksumAt, UDP_ZERO_SUM);
    if (ipChecksumAt >= 0) {
      amend(head, ipChecksumAt, sourceAt, out, at);
      amend(head, ipChecksumAt, sourceAt + 2, out, at);
    }
    return head.length;
  }

  /**
   * The 5-tuple of flow `index`.
   *
   * @throws RangeError if there is no such flow
   */
  flow(index: number): Flow {
    const head = new Uint8Array(this.headLengthMax);
    this.writeHead(integerIn('flow index', index, 0, this.count - 1), head);
    return flowOf(head)!;
  }

  /**
   * A whole frame of flow `index`.
   *
   * @throws RangeError if there is no such flow
   */
  frame(index: number): Uint8Array {
    const frame = new Uint8Array(this.frameLength);
    this.writeHead(integerIn('flow index', index, 0, this.count - 1), frame);
    return frame;
  }
}

function templateOf(spec: FlowsSpec, protocol: 'udp' | 'tcp', length: number): Template {
  const { version = 4, dport = DISCARD_PORT, srcMac, dstMac } = spec;
  const frame = (protocol === 'udp' ? udpFrame : tcpFrame)({
    src: SOURCE[version],
    dst: toIp(spec.dst ?? DESTINATION[version]),
    sport: 0,
    dport,
    length,
    ...(srcMac !== undefined && { srcMac }),
    ...(dstMac !== undefined && { dstMac }),
  });
  const { addressesStart, portsStart } = locateFlow(frame)!;
  const isUdp = protocol === 'udp';
  const isIpv4 = version === 4;
  return {
    isUdp,
    head: frame.slice(0, portsStart + (isUdp ? UDP_HEADER_BYTES : TCP_HEADER_BYTES)),
    sourceAt: addressesStart + toIp(SOURCE[version]).length - IPV4_BYTES,
    sportAt: portsStart + UDP_FIELD.sport,
    checksumAt: portsStart + (isUdp ? UDP_FIELD : TCP_FIELD).checksum,
    ipChecksumAt: isIpv4 ? addressesStart - IPV4_FIELD.src + IPV4_FIELD.checksum : -1,
  };
}

/** Carries a change of the 16-bit word at `wordAt` of the head into the checksum at `checksumAt`. */
function amend(
  head: Uint8Array,
  checksumAt: number,
  wordAt: number,
  out: Uint8Array,
  at: number,
): void {
  const checksum = getU16(out, at + checksumAt);
  const amended = updateChecksum(checksum, getU16(head, wordAt), getU16(out, at + wordAt));
  putU16(out, at + checksumAt, amended);
}

/** MurmurHash3's 32-bit finalizer: a bijection, so distinct numbers stay distinct. Takes its argument modulo 2^32. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function oneOf<T>(what: string, value: T, allowed: readonly T[]): void {
  if (!allowed.includes(value)) {
    throw new RangeError(`${what}: expected ${allowed.join(' or ')}, found ${String(value)}`);
  }
}
