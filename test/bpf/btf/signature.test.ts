import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { functionSignature } from '../../../src/bpf/btf/signature.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { readFixture } from '../support/fixtures.js';

/** Of every function of every program. */
function signatures(fixture: string): (string | undefined)[] {
  const { btf, programs } = loadObjectSpec(readFixture(fixture, 'clang14'), fixture);
  const functions = programs.flatMap((program) => program.functions);
  return functions.map(({ typeId }) => functionSignature(btf!, typeId!));
}

test('a function is declared with the types of its parameters and its result', () => {
  assert.equal(signatures('bpftool'), [
    'int jumped(struct xdp_md * ctx)',
    'int fill_every_map_there_is(struct xdp_md * ctx)',
    'int count(__u32 index)',
  ]);
});

test('callbacks have pointers to what they are given', () => {
  assert.ok(signatures('callbacks').every((text) => text !== undefined));
});

test('what is no function has no declaration', () => {
  const { btf } = loadObjectSpec(readFixture('bpftool', 'clang14'), 'bpftool');
  assert.is(functionSignature(btf!, btf!.find('struct', 'flow')!.id), undefined);
});

test.run();
