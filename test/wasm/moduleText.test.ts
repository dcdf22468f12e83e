import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ModuleBuilder } from '../../src/wasm/moduleBuilder.js';
import { moduleText } from '../../src/wasm/moduleText.js';

test('a module reads as WebAssembly text', () => {
  const builder = new ModuleBuilder();
  builder.importMemory('env', 'memory', { initialPages: 1, maximumPages: 2, shared: true });
  builder.importTable('env', 'table', 3);
  const base = builder.importGlobal('env', 'base', { type: 'i32', mutable: false });
  const type = { params: ['i32', 'i64'], results: ['i32'] } as const;
  builder.importFunction('helper', '1', type);
  builder.global({ type: 'i64', mutable: true }, -1);
  const { index, body } = builder.function(type);
  const local = body.local('i32');
  body.local('i32');
  body.local('i64');
  body.block();
  body.loop();
  body.get(0);
  body.memory('i32.load16_u', 6);
  body.tee(local);
  body.brTable([0, 1], 1);
  body.end();
  body.end();
  body.get(local);
  body.i64(-0x1122334455667788n);
  body.call(0);
  body.if('i32');
  body.get(0);
  body.i32(1);
  body.atomic('i32.atomic.rmw.add', 4);
  body.else();
  body.i32(-5);
  body.end();
  builder.exportFunction('run', index);
  builder.fillTable(base, [index, index]);
  assert.is(
    moduleText(builder.encode()),
    `(module
  (type (;0;) (func (param i32 i64) (result i32)))
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "table" (table 3 funcref))
  (import "env" "base" (global i32))
  (import "helper" "1" (func (type 0)))
  (global (mut i64) (i64.const -1))
  (export "run" (func 1))
  (elem (global.get 0) func 1 1)
  (func (;1;) (type 0)
    (local i32 i32 i64)
    block
      loop
        local.get 0
        i32.load16_u offset=6 align=1
        local.tee 2
        br_table 0 1 1
      end
    end
    local.get 2
    i64.const -1234605616436508552
    call 0
    if (result i32)
      local.get 0
      i32.const 1
      i32.atomic.rmw.add offset=4
    else
      i32.const -5
    end
  )
)
`,
  );
});

test.run();
