import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileSink } from '../../src/capture/sink.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/capture/sink.test.js';
const directory = mkdtempSync(join(tmpdir(), 'xdpemu-sink-'));
test.after(() => rmSync(directory, { recursive: true }));

property(
  'a file holds all chunks in order, whatever the buffer',
  FILE,
  fc.property(
    fc.array(fc.uint8Array({ maxLength: 40 })),
    fc.integer({ min: 1, max: 64 }),
    (chunks, bufferBytes) => {
      const path = join(directory, 'chunks');
      const sink = FileSink.create(path, bufferBytes);
      chunks.forEach(sink.write);
      sink.close();
      assert.equal(readFileSync(path), Buffer.concat(chunks));
    },
  ),
);

test('chunks are gathered until the buffer is full, or until a flush', () => {
  const path = join(directory, 'gathered');
  const sink = new FileSink(openSync(path, 'w'), 10);
  const size = () => statSync(path).size;
  sink.write(new Uint8Array(6));
  assert.is(size(), 0);
  sink.write(new Uint8Array(6));
  assert.is(size(), 6);
  sink.flush();
  assert.is(size(), 12);
  sink.write(new Uint8Array(30));
  assert.is(size(), 42);
  sink.close();
});

test('a closed sink may be closed again, but takes no chunk', () => {
  const sink = FileSink.create(join(directory, 'closed'));
  sink.close();
  sink.close();
  assert.throws(() => sink.write(new Uint8Array(1)), /expected it open, found it closed/);
});

test('a descriptor is closed even if its last bytes cannot be written', () => {
  const path = join(directory, 'read-only');
  FileSink.create(path).close();
  const fd = openSync(path, 'r');
  const sink = new FileSink(fd);
  sink.write(new Uint8Array(1));
  assert.throws(() => sink.close(), /EBADF/);
  assert.throws(() => closeSync(fd), /EBADF/);
});

const fullTest = existsSync('/dev/full') ? test : test.skip;

fullTest('a full disk is told with the name of the file', () => {
  const sink = FileSink.create('/dev/full', 4);
  const full = /^\/dev\/full: cannot be written: ENOSPC/;
  assert.throws(() => sink.write(new Uint8Array(5)), full);
  sink.write(new Uint8Array(3));
  assert.throws(() => sink.close(), full);
});

test.run();
