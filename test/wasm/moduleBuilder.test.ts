import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteBuffer } from '../../src/wasm/byteBuffer.js';
import type { FunctionBody, FunctionType } from '../../src/wasm/functionBody.js';
import { ModuleBuilder } from '../../src/wasm/moduleBuilder.js';
import { atomicOps, memoryOps, plainOps } from '../../src/wasm/opcodes.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/wasm/moduleBuilder.test.js';
const i32ToI32: FunctionType = { params: ['i32'], results: ['i32'] };
const toI64: FunctionType = { params: [], results: ['i64'] };

type Exported = (...args: (number | bigint)[]) => number | bigint;

function instantiate(builder: ModuleBuilder, imports: WebAssembly.Imports = {}): Exported {
  const bytes = builder.encode();
  assert.ok(WebAssembly.validate(bytes));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  const { f } = exports as { f: Exported };
  return f;
}

function functionOf(type: FunctionType, write: (body: FunctionBody) => void): Exported {
  const builder = new ModuleBuilder();
  const { index, body } = builder.function(type);
  write(body);
  builder.exportFunction('f', index);
  return instantiate(builder);
}

property(
  'constants of both widths come back as they were given',
  FILE,
  fc.property(
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    (small, large) => {
      const constant = (value: number | bigint) => functionOf(toI64, (body) => body.i64(value))();
      assert.is(constant(small), BigInt(small));
      assert.is(constant(large), BigInt.asIntN(64, large));
      assert.is(functionOf({ params: [], results: ['i32'] }, (body) => body.i32(small))(), small);
    },
  ),
);

property(
  'unsigned LEB128 reads back as the number written, in the fewest bytes',
  FILE,
  fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
    const buffer = new ByteBuffer(1);
    buffer.u32(value);
    const bytes = buffer.view();
    assert.is(
      bytes.reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0),
      value,
    );
    assert.is(bytes.length, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
  }),
);

/** A tree of i64 operations with its value by BigInt arithmetic. */
interface Expression {
  readonly value: bigint;
  readonly write: (body: FunctionBody) => void;
}
const operations = {
  'i64.add': (a: bigint, b: bigint) => a + b,
  'i64.sub': (a: bigint, b: bigint) => a - b,
  'i64.mul': (a: bigint, b: bigint) => a * b,
  'i64.and': (a: bigint, b: bigint) => a & b,
  'i64.or': (a: bigint, b: bigint) => a | b,
  'i64.xor': (a: bigint, b: bigint) => a ^ b,
  'i64.shl': (a: bigint, b: bigint) => a << (b & 63n),
  'i64.shr_s': (a: bigint, b: bigint) => a >> (b & 63n),
} as const;
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 6 },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
      value,
      write: (body: FunctionBody) => body.i64(value),
    })),
    fc
      .tuple(
        fc.constantFrom(...(Object.keys(operations) as (keyof typeof operations)[])),
        tie('expression'),
        tie('expression'),
      )
      .map(([name, left, right]) => ({
        value: BigInt.asIntN(64, operations[name](left.value, right.value)),
        write: (body: FunctionBody) => {
          left.write(body);
          right.write(body);
          body.op(name);
        },
      })),
  ),
}));

property(
  'an expression tree compiles to a module that computes its value',
  FILE,
  fc.property(expression, ({ value, write }) => {
    assert.is(functionOf(toI64, write)(), value);
  }),
);

test('locals, loops and branches', () => {
  const triangle = functionOf(i32ToI32, (body) => {
    const sum = body.local('i32');
    body.block();
    body.loop();
    body.get(0);
    body.op('i32.eqz');
    body.brIf(1);
    body.get(sum);
    body.get(0);
    body.op('i32.add');
    body.set(sum);
    body.get(0);
    body.i32(1);
    body.op('i32.sub');
    body.set(0);
    body.br(0);
    body.end();
    body.end();
    body.get(sum);
  });
  assert.is(triangle(100), 5050);
});

test('a branch table picks its label, and the default beyond its end', () => {
  const pick = functionOf(i32ToI32, (body) => {
    for (let depth = 0; depth < 3; depth++) body.block();
    body.get(0);
    body.brTable([0, 1], 2);
    for (const value of [10, 20]) {
      body.end();
      body.i32(value);
      body.op('return');
    }
    body.end();
    body.i32(30);
  });
  assert.equal(
    [0, 1, 2, 99].map((index) => pick(index)),
    [10, 20, 30, 30],
  );
});

test('if and else with a result', () => {
  const sign = functionOf(i32ToI32, (body) => {
    body.get(0);
    body.i32(0);
    body.op('i32.lt_s');
    body.if('i32');
    body.i32(-1);
    body.else();
    body.i32(1);
    body.end();
  });
  assert.equal([sign(-5), sign(5)], [-1, 1]);
});

test('imported memory, globals and functions, own globals and types shared', () => {
  const builder = new ModuleBuilder();
  builder.importMemory('env', 'memory', { initialPages: 1, maximumPages: 1, shared: true });
  const base = builder.importGlobal('env', 'base', { type: 'i32', mutable: false });
  const twice = builder.importFunction('env', 'twice', i32ToI32);
  const count = builder.global({ type: 'i32', mutable: true }, -7);
  const { index, body } = builder.function(i32ToI32);
  assert.is(builder.typeIndex(i32ToI32), 0);
  body.globalGet(base);
  body.get(0);
  body.call(twice);
  body.memory('i32.store', 4);
  body.globalGet(base);
  body.i32(5);
  body.atomic('i32.atomic.rmw.add', 4);
  body.globalGet(count);
  body.op('i32.add');
  builder.exportFunction('f', index);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const run = instantiate(builder, { env: { memory, base: 64, twice: (x: number) => 2 * x } });
  assert.is(run(21), 42 - 7);
  assert.is(new DataView(memory.buffer).getInt32(68, true), 47);
});

test('functions placed in an imported table are called through it', () => {
  const builder = new ModuleBuilder();
  builder.importTable('env', 'table', 4);
  const tableBase = builder.importGlobal('env', 'tableBase', { type: 'i32', mutable: false });
  const inner = builder.function(toI64);
  inner.body.i64(42n);
  const outer = builder.function(toI64);
  outer.body.globalGet(tableBase);
  outer.body.callIndirect(builder.typeIndex(toI64));
  builder.exportFunction('f', outer.index);
  builder.fillTable(tableBase, [inner.index]);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 4 });
  assert.is(instantiate(builder, { env: { table, tableBase: 2 } })(), 42n);
  assert.is(table.get(1), null);
});

test('locals are declared in runs and numbered after the parameters', () => {
  const builder = new ModuleBuilder();
  const { index, body } = builder.function(i32ToI32);
  assert.equal(
    (['i64', 'i64', 'i32', 'i64'] as const).map((type) => body.local(type)),
    [1, 2, 3, 4],
  );
  body.get(3);
  builder.exportFunction('f', index);
  assert.is(instantiate(builder)(0), 0);
});

/** What an instruction pops and pushes, by its text name; `t` is the type before the dot. */
function signature(name: string): FunctionType {
  const [type, operation = ''] = name.split('.') as ['i32' | 'i64', string];
  if (name === 'memory.atomic.notify') return { params: ['i32', 'i32'], results: ['i32'] };
  if (name === 'memory.atomic.wait32') return { params: ['i32', 'i32', 'i64'], results: ['i32'] };
  if (name === 'memory.atomic.wait64') return { params: ['i32', 'i64', 'i64'], results: ['i32'] };
  if (name.includes('cmpxchg')) return { params: ['i32', type, type], results: [type] };
  if (name.includes('rmw')) return { params: ['i32', type], results: [type] };
  if (name.includes('store')) return { params: ['i32', type], results: [] };
  if (name.includes('load')) return { params: ['i32'], results: [type] };
  if (operation === 'wrap_i64') return { params: ['i64'], results: ['i32'] };
  if (operation.startsWith('extend_i32')) return { params: ['i32'], results: ['i64'] };
  if (operation === 'eqz') return { params: [type], results: ['i32'] };
  if (/^(clz|ctz|popcnt|extend)/.test(operation)) return { params: [type], results: [type] };
  if (/^(eq|ne|[lg][te])/.test(operation)) return { params: [type, type], results: ['i32'] };
  return { params: [type, type], results: [type] };
}

test('every instruction of the opcode tables validates with its signature', () => {
  const check = (name: string, write: (body: FunctionBody) => void) => {
    const builder = new ModuleBuilder();
    builder.importMemory('env', 'memory', { initialPages: 1, maximumPages: 1, shared: true });
    const type = signature(name);
    const { body } = builder.function(type);
    for (const index of type.params.keys()) body.get(index);
    write(body);
    assert.ok(WebAssembly.validate(builder.encode()), name);
  };
  for (const name of Object.keys(plainOps) as (keyof typeof plainOps)[])
    if (name.includes('.')) check(name, (body) => body.op(name));
  for (const name of Object.keys(memoryOps) as (keyof typeof memoryOps)[])
    check(name, (body) => body.memory(name, 1000));
  for (const name of Object.keys(atomicOps) as (keyof typeof atomicOps)[])
    check(name, (body) => body.atomic(name, 1000));
});

test('misuse is refused: unbalanced blocks, imports after definitions', () => {
  const builder = new ModuleBuilder();
  const { body } = builder.function(i32ToI32);
  assert.throws(() => body.end(), /end: no block is open/);
  body.block();
  assert.throws(() => builder.encode(), /finish: 1 blocks are still open/);
  assert.throws(() => builder.importFunction('env', 'late', i32ToI32), /import env\.late/);
  builder.global({ type: 'i64', mutable: false }, 0);
  assert.throws(
    () => builder.importGlobal('env', 'late', { type: 'i32', mutable: false }),
    /import env\.late/,
  );
});

test.run();
