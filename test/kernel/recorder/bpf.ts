/** `union bpf_attr` of the system calls that are recorded (include/uapi/linux/bpf.h), and the programs to load. */

export const BPF = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  MAP_DELETE_ELEM: 3,
  MAP_GET_NEXT_KEY: 4,
  PROG_LOAD: 5,
  MAP_GET_FD_BY_ID: 14,
  OBJ_GET_INFO_BY_FD: 15,
  MAP_LOOKUP_AND_DELETE_ELEM: 21,
  MAP_FREEZE: 22,
  MAP_LOOKUP_BATCH: 24,
  MAP_LOOKUP_AND_DELETE_BATCH: 25,
  MAP_UPDATE_BATCH: 26,
  MAP_DELETE_BATCH: 27,
} as const;

export const MAP_TYPES = { devmap: 14, cpumap: 16, xskmap: 17, devmap_hash: 25 } as const;
export const PROG_TYPES: Readonly<Record<string, number>> = {
  socket_filter: 1,
  sched_cls: 3,
  xdp: 6,
};
const BPF_F_XDP_HAS_FRAGS = 1 << 5;

/** Members of an attribute by offset, each of 4 or 8 bytes; all others are zero. */
export function attribute(
  size: number,
  u32s: Readonly<Record<number, number>>,
  u64s: Readonly<Record<number, bigint>> = {},
): Buffer {
  const bytes = Buffer.alloc(size);
  for (const [offset, value] of Object.entries(u32s)) bytes.writeUInt32LE(value >>> 0, +offset);
  for (const [offset, value] of Object.entries(u64s)) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), +offset);
  }
  return bytes;
}

function insn(code: number, dst: number, src: number, imm: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[0] = code;
  bytes[1] = dst | (src << 4);
  bytes.writeInt32LE(imm, 4);
  return bytes;
}

const MOV64_IMM = 0xb7;
const CALL = 0x85;
const EXIT = 0x95;
const LD_IMM64 = 0x18;
const PSEUDO_MAP_FD = 1;
const REDIRECT_MAP = 51;
const PASS = 2;

/** Calls `bpf_redirect_map` on each of the maps, then passes. */
export function programCode(mapFds: readonly number[]): Buffer {
  const calls = mapFds.flatMap((fd) => [
    insn(LD_IMM64, 1, PSEUDO_MAP_FD, fd),
    insn(0, 0, 0, 0),
    insn(MOV64_IMM, 2, 0, 0),
    insn(MOV64_IMM, 3, 0, 0),
    insn(CALL, 0, 0, REDIRECT_MAP),
  ]);
  return Buffer.concat([...calls, insn(MOV64_IMM, 0, 0, PASS), insn(EXIT, 0, 0, 0)]);
}

/** The attribute of BPF_PROG_LOAD and its buffers. */
export function programLoad(
  code: Buffer,
  { type, expectedAttachType, frags }: { type: string; expectedAttachType: number; frags: boolean },
) {
  return {
    attribute: attribute(80, {
      0: PROG_TYPES[type] ?? 0,
      4: code.length / 8,
      44: frags ? BPF_F_XDP_HAS_FRAGS : 0,
      68: expectedAttachType,
    }),
    buffers: [
      { offset: 8, bytes: code },
      { offset: 16, bytes: Buffer.from('GPL\0') },
    ],
  };
}
