import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Allocator, ArenaFullError } from '../../src/arena/allocator.js';
import { property } from '../support/property.js';

const ALIGN = 64;
const START = 100;
const END = START + 28 + 64 * ALIGN;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** An allocator over memory of its own. */
function createAllocator(): { allocator: Allocator; memory: Uint8Array } {
  const memory = new Uint8Array(END);
  const zero = (address: number, bytes: number) => memory.fill(0, address, address + bytes);
  return { allocator: new Allocator(START, END, ALIGN, zero), memory };
}

/** Positive: allocate so many bytes. Negative: free one of the blocks. */
const ops = fc.array(fc.integer({ min: -50, max: 600 }), { maxLength: 100 });

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

property(
  'blocks are aligned, zero, inside, and nobody else’s; what was freed can be had again in one piece',
  import.meta.filename,
  fc.property(ops, (steps) => {
    const { allocator, memory } = createAllocator();
    const blocks: Block[] = [];
    for (const step of steps) {
      if (step > 0) allocate(allocator, memory, blocks, step);
      else if (blocks.length > 0)
        allocator.free(blocks.splice(-step % blocks.length, 1)[0]!.address);
      assert.is(
        allocator.usedBytes,
        blocks.reduce((sum, { bytes }) => sum + roundUp(bytes), 0),
      );
    }
    for (const { address } of blocks) allocator.free(address);
    assert.is(allocator.allocate(64 * ALIGN), roundUp(START));
  }),
  { numRuns: 300 },
);

function allocate(allocator: Allocator, memory: Uint8Array, blocks: Block[], bytes: number): void {
  let address: number;
  try {
    address = allocator.allocate(bytes);
  } catch (error) {
    assert.instance(error, ArenaFullError);
    assert.ok(longestGap(blocks) < roundUp(bytes), `no room for ${bytes} bytes, but there was`);
    return;
  }
  assert.is(address % ALIGN, 0);
  assert.ok(address >= START && address + bytes <= END);
  assert.ok(memory.subarray(address, address + bytes).every((byte) => byte === 0));
  for (const other of blocks)
    assert.ok(address + bytes <= other.address || other.address + other.bytes <= address);
  memory.fill(0xee, address, address + bytes);
  blocks.push({ address, bytes });
}

/** Bytes of the largest extent that no block touches. */
function longestGap(blocks: readonly Block[]): number {
  let longest = 0;
  let at = roundUp(START);
  for (const { address, bytes } of [...blocks].sort((a, b) => a.address - b.address)) {
    longest = Math.max(longest, address - at);
    at = address + roundUp(bytes);
  }
  return Math.max(longest, END - at);
}

test('an allocator that was not asked yet has handed out nothing', () => {
  assert.is(createAllocator().allocator.usedBytes, 0);
});

test('a request for nothing gets a block of its own', () => {
  const { allocator } = createAllocator();

  assert.is.not(allocator.allocate(0), allocator.allocate(0));
});

test('what is too large is refused with the sizes', () => {
  const { allocator } = createAllocator();
  allocator.allocate(ALIGN);

  let thrown: unknown;
  try {
    allocator.allocate(1_000_000);
  } catch (error) {
    thrown = error;
  }

  assert.instance(thrown, ArenaFullError);
  const { wantedBytes, freeBytes } = thrown as ArenaFullError;
  assert.equal([wantedBytes, freeBytes], [1_000_000, 63 * ALIGN]);
});

test('only what was allocated can be freed, and once', () => {
  const { allocator } = createAllocator();
  const address = allocator.allocate(1);
  allocator.free(address);

  assert.throws(() => allocator.free(address), /address 128 .* is not allocated/);
  assert.throws(() => allocator.free(7), RangeError);
});

test.run();
