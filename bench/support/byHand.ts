/** The work of bench/programs as someone would write it in TypeScript. */

const XDP_PASS = 2;
const FLOWS = 64;

function scramble(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function parseByHand(view: DataView, data: number, end: number): number {
  const ip = data + 14;
  if (ip + 20 > end || view.getUint16(data + 12) !== 0x0800) return -1;
  const versionLength = view.getUint8(ip);
  const words = versionLength & 15;
  if (versionLength >> 4 !== 4 || words < 5 || view.getUint8(ip + 9) !== 17) return -1;
  if ((view.getUint16(ip + 6) & 0x3fff) !== 0) return -1;
  const udp = ip + 4 * words;
  if (udp + 8 > end) return -1;
  let hash = scramble(
    Math.imul(view.getInt32(ip + 12, true), 0x9e3779b1) ^ view.getInt32(ip + 16, true),
  );
  hash = scramble(hash ^ ((view.getUint16(udp, true) << 16) | view.getUint16(udp + 2, true)));
  return scramble(hash ^ view.getUint8(ip + 9)) & (FLOWS - 1);
}

export function parseMapByHand(map: number) {
  return (view: DataView, data: number, end: number): number => {
    const flow = parseByHand(view, data, end);
    if (flow < 0) return XDP_PASS;
    const counter = map + 16 * flow;
    view.setBigUint64(counter, view.getBigUint64(counter, true) + 1n, true);
    view.setBigUint64(counter + 8, view.getBigUint64(counter + 8, true) + BigInt(end - data), true);
    return flow;
  };
}

export function aluByHand(view: DataView, data: number, end: number): number {
  if (data + 8 > end) return 0;
  let x = view.getBigUint64(data, true);
  for (let round = 0; round < 8; round++) {
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    x = BigInt.asUintN(64, (x + 0x51ed270bn) * 0x2545f49n);
  }
  return Number(BigInt.asIntN(32, x ^ (x >> 32n)));
}
