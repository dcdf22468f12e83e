import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { property } from '../../support/property.js';
import { runMapModel } from '../maps/model.js';
import { formatMapTrace, type MapOp, parseMapTrace } from '../mapTrace.js';
import { type MapTraceInput, mapTraceInputs } from './mapTraces.js';

const FILE = 'dist/test/model/generate/mapTraces.test.js';

/** Symbols that the operation makes; each may be made once. */
function madeBy(op: MapOp): string[] {
  if (op.op === 'create') return [op.map];
  if (op.op === 'open') return [op.as];
  return op.op === 'load_prog' ? [op.prog] : [];
}

function usesOnlyWhatThereIs({ header, ops }: MapTraceInput): void {
  const declared = [...header.progs, ...header.sockets].map(({ id }) => id);
  const symbols = new Set(['badfd', 'file', ...declared]);
  const devices = new Set(header.devices.map(({ ifindex }) => ifindex));
  for (const [i, op] of ops.entries()) {
    for (const symbol of madeBy(op)) {
      assert.not(symbols.has(symbol), `ops[${i}]: ${symbol} twice`);
      symbols.add(symbol);
    }
    if ('map' in op && typeof op.map === 'string') {
      assert.ok(symbols.has(op.map), `ops[${i}]: ${op.map} unknown`);
    }
    if (op.op === 'register_device') {
      for (const { ifindex } of op.devices) devices.add(ifindex);
    }
    if (op.op === 'set_device' || op.op === 'unregister_device') {
      assert.ok(devices.has(op.ifindex), `ops[${i}]: no device ${op.ifindex}`);
    }
  }
}

property(
  'a generated map trace refers only to what its header and its operations declare',
  FILE,
  fc.property(mapTraceInputs(), usesOnlyWhatThereIs),
);

property(
  'the map model runs every generated map trace, the same way each time, also from a file',
  FILE,
  fc.property(mapTraceInputs(), ({ header, ops }) => {
    const results = runMapModel(header, ops);
    const parsed = parseMapTrace(formatMapTrace({ header, ops, results }));
    assert.equal(runMapModel(parsed.header, parsed.ops), parsed.results);
  }),
);

test('generated map traces reach every error that recordings show, and success on every type', () => {
  const errnos = new Set<number>();
  const succeeded = new Set<string>();
  for (const { header, ops } of fc.sample(mapTraceInputs(), { seed: 1, numRuns: 200 })) {
    const types = new Map(ops.map((op) => (op.op === 'create' ? [op.map, op.type] : ['', ''])));
    for (const [i, { errno }] of runMapModel(header, ops).entries()) {
      const op = ops[i] as MapOp;
      if (errno !== undefined) errnos.add(errno);
      if (errno === 0 && 'map' in op) succeeded.add(`${op.op} ${types.get(String(op.map))}`);
    }
  }

  const shown = [0, 1, 2, 7, 9, 12, 14, 17, 19, 22, 75, 88, 95, 524];
  assert.equal(
    shown.filter((errno) => !errnos.has(errno)),
    [],
  );
  for (const type of ['cpumap', 'devmap', 'devmap_hash', 'xskmap']) {
    for (const op of ['create', 'update', 'delete', 'next_key', 'freeze', 'info']) {
      assert.ok(succeeded.has(`${op} ${type}`), `${op} on ${type}`);
    }
  }
});

test.run();
