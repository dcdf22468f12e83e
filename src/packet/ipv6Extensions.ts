import { getU16 } from './bytes.js';
import { IPPROTO } from './numbers.js';

/** Common start of an extension header (RFC 8200, 4), and the fragment header (4.5). */
const FIELD = { nextHeader: 0, length: 1, fragment: 2 } as const;
const EXTENSION_BYTES_MIN = 8;
const FRAGMENT_OFFSET = 0xfff8;

/** RFC 8200, 4.1 knows six kinds, one of them twice; more is an attack or a mistake, and the walk must end. */
export const EXTENSIONS_MAX = 8;

/** Where a chain of extension headers leads. */
export interface UpperLayer {
  /** The first next-header value that is no extension. */
  readonly protocol: number;
  /** Where that header starts. */
  readonly start: number;
  /** Whether a fragment header was passed. */
  readonly isFragment: boolean;
  /** Byte of the datagram at which the fragment starts; not 0 means that `start` is not at a header. */
  readonly fragmentOffset: number;
  /** Why the walk ended early, or null; `protocol` is then an extension. */
  readonly problem: string | null;
}

/** Walks the chain that starts at `start` with a header of kind `nextHeader`. Never throws, takes bounded time. */
export function walkExtensions(
  bytes: Uint8Array,
  nextHeader: number,
  start: number,
  end: number,
): UpperLayer {
  const walk = { protocol: nextHeader, start, isFragment: false, fragmentOffset: 0 };
  for (let count = 0; isExtension(walk.protocol); count++) {
    const problem =
      count === EXTENSIONS_MAX
        ? `expected at most ${EXTENSIONS_MAX} extension headers`
        : extensionProblem(bytes, walk.protocol, walk.start, end);
    if (problem !== null) return { ...walk, problem };
    const kind = walk.protocol;
    if (kind === IPPROTO.fragment) {
      const field = getU16(bytes, walk.start + FIELD.fragment);
      walk.fragmentOffset = field & FRAGMENT_OFFSET;
      // An atomic fragment too (RFC 6946: offset 0, no more to come): hardware goes by the header being there.
      walk.isFragment = true;
    }
    walk.protocol = bytes[walk.start + FIELD.nextHeader]!;
    walk.start += extensionLength(bytes, kind, walk.start);
    if (walk.fragmentOffset !== 0) break;
  }
  return { ...walk, problem: null };
}

function isExtension(nextHeader: number): boolean {
  switch (nextHeader) {
    case IPPROTO.hopByHop:
    case IPPROTO.routing:
    case IPPROTO.fragment:
    case IPPROTO.ah:
    case IPPROTO.destination:
    case IPPROTO.mobility:
    case IPPROTO.hip:
    case IPPROTO.shim6:
      return true;
    default:
      return false;
  }
}

function extensionProblem(
  bytes: Uint8Array,
  kind: number,
  start: number,
  end: number,
): string | null {
  const needed =
    end - start < EXTENSION_BYTES_MIN ? EXTENSION_BYTES_MIN : extensionLength(bytes, kind, start);
  return needed > end - start
    ? `expected ${needed} bytes of extension header ${kind} at byte ${start}, found ${end - start}`
    : null;
}

function extensionLength(bytes: Uint8Array, kind: number, start: number): number {
  const length = bytes[start + FIELD.length]!;
  // RFC 4302, 2.2: in units of 4 bytes, minus 2. All others: in units of 8 bytes beyond the first 8; the fragment
  // header has a reserved byte there.
  if (kind === IPPROTO.ah) return Math.max(EXTENSION_BYTES_MIN, (length + 2) * 4);
  return kind === IPPROTO.fragment ? EXTENSION_BYTES_MIN : (length + 1) * 8;
}
