import fc from 'fast-check';

/** One change of a file: a byte, a word of a telling value, or a cut. */
export type Mutation =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'copy'; readonly at: number; readonly from: number }
  | { readonly kind: 'cut'; readonly at: number };

/** Where in the file, as a fraction; `fc.double` would crowd near 0. */
const place = fc.nat(0xff_ffff).map((n) => n / 0x100_0000);
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('byte' as const), at: place, value: fc.nat(255) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      at: place,
      value: fc.constantFrom(0, 1, 2, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0100_0000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('copy' as const), at: place, from: place }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
);

export function mutate(original: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = original.slice();
  for (const change of mutations) {
    const word = (fraction: number) =>
      Math.floor((fraction * Math.max(0, bytes.length - 8)) / 4) * 4;
    if (change.kind === 'cut') bytes = bytes.subarray(0, Math.floor(change.at * bytes.length));
    else if (bytes.length < 8) continue;
    else if (change.kind === 'byte') bytes[Math.floor(change.at * bytes.length)] = change.value;
    else if (change.kind === 'word') {
      new DataView(bytes.buffer).setUint32(word(change.at), change.value, true);
    } else bytes.copyWithin(word(change.at), word(change.from), word(change.from) + 8);
  }
  return bytes;
}

/** Section bytes as the file's own headers place them, so that mutations aim at type information rather than code. */
export function sectionRange(
  bytes: Uint8Array,
  wanted: string,
): readonly [start: number, length: number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headers = Number(view.getBigUint64(40, true));
  const names = Number(view.getBigUint64(headers + view.getUint16(62, true) * 64 + 24, true));
  for (let i = 0; i < view.getUint16(60, true); i++) {
    const header = headers + i * 64;
    const name = names + view.getUint32(header, true);
    const text = Buffer.from(bytes.subarray(name, bytes.indexOf(0, name))).toString();
    if (text !== wanted) continue;
    return [
      Number(view.getBigUint64(header + 24, true)),
      Number(view.getBigUint64(header + 32, true)),
    ];
  }
  return [0, bytes.length];
}
