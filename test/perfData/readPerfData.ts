import * as assert from 'uvu/assert';

/** A reader of `perf.data` for tests, after tools/perf/Documentation/perf.data-file-format.txt; knows nothing of the writer. */
export interface PerfData {
  readonly attrs: readonly { readonly config: number; readonly ids: readonly number[] }[];
  readonly samples: readonly Sample[];
  readonly comms: readonly { readonly pid: number; readonly comm: string }[];
  readonly rounds: number;
  /** Bytes by feature bit. */
  readonly features: ReadonlyMap<number, Buffer>;
}

export interface Sample {
  readonly id: number;
  readonly pid: number;
  readonly timeNs: number;
  readonly cpu: number;
  readonly raw: Buffer;
}

export function readPerfData(file: Buffer): PerfData {
  const u64 = (at: number) => Number(file.readBigUInt64LE(at));
  assert.is(file.toString('latin1', 0, 8), 'PERFILE2');
  assert.is(u64(8), 104);
  const attrBytes = u64(16);
  const attrs = [];
  for (let at = u64(24); at < u64(24) + u64(32); at += attrBytes) {
    const size = file.readUInt32LE(at + 4);
    assert.is(attrBytes, size + 16);
    assert.is(file.readUInt32LE(at), 2);
    assert.is(u64(at + 24), 0x10000 | 0x400 | 0x100 | 0x80 | 4 | 2 | 1);
    assert.ok(u64(at + 40) & (1 << 18), 'sample_id_all');
    const start = u64(at + size);
    const ids = Array.from({ length: u64(at + size + 8) / 8 }, (_, index) =>
      u64(start + 8 * index),
    );
    attrs.push({ config: u64(at + 8), ids });
  }
  const records = { samples: [] as Sample[], comms: [] as PerfData['comms'][number][], rounds: 0 };
  const end = u64(40) + u64(48);
  for (let at = u64(40); at < end; at += file.readUInt16LE(at + 6)) {
    assert.is(at % 8, 0, 'records are aligned');
    const bytes = file.subarray(at, at + file.readUInt16LE(at + 6));
    assert.ok(bytes.length >= 8);
    readRecord(bytes, records);
  }
  return { attrs, ...records, features: readFeatures(file, end) };
}

function readRecord(
  bytes: Buffer,
  found: { samples: Sample[]; comms: { pid: number; comm: string }[]; rounds: number },
): void {
  const type = bytes.readUInt32LE(0);
  if (type === 68) found.rounds++;
  else if (type === 3) {
    assert.ok(bytes.readBigUInt64LE(bytes.length - 8) > 0n, 'the trailer has an id');
    const comm = bytes.toString('utf8', 16, bytes.indexOf(0, 16));
    found.comms.push({ pid: bytes.readInt32LE(8), comm });
  } else {
    assert.is(type, 9);
    const rawBytes = bytes.readUInt32LE(56);
    assert.is(60 + rawBytes, bytes.length);
    assert.is(bytes.readBigUInt64LE(48), 1n, 'period');
    found.samples.push({
      id: Number(bytes.readBigUInt64LE(8)),
      pid: bytes.readInt32LE(24),
      timeNs: Number(bytes.readBigUInt64LE(32)),
      cpu: bytes.readInt32LE(40),
      raw: bytes.subarray(60),
    });
  }
}

function readFeatures(file: Buffer, tableStart: number): Map<number, Buffer> {
  const features = new Map<number, Buffer>();
  let entry = tableStart;
  for (let bit = 0; bit < 256; bit++) {
    if ((file[72 + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue;
    const offset = Number(file.readBigUInt64LE(entry));
    const size = Number(file.readBigUInt64LE(entry + 8));
    assert.ok(offset + size <= file.length);
    features.set(bit, file.subarray(offset, offset + size));
    entry += 16;
  }
  return features;
}

/** How many samples of each event there are. */
export function sampleCounts({ attrs, samples, features }: PerfData): Record<string, number> {
  const formats = features.get(1)!.toString();
  return Object.fromEntries(
    attrs.map(({ config, ids }) => {
      const name = new RegExp(`name: (\\w+)\\nID: ${config}\\n`).exec(formats)![1]!;
      return [name, samples.filter(({ id }) => ids.includes(id)).length];
    }),
  );
}
