import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import { COMPILERS, type Compiler, fixturePath } from '../../bpf/support/fixtures.js';

/** What the kernel, 6.18, says of each program of the fixture; undefined: it loads. */
const verdicts: readonly (readonly [program: string, refusal: RegExp | undefined])[] = [
  ['too_much', /stack_depth\.bpf\.c:\d+.*: combined stack size of 2 calls is 528\. Too large$/],
  ['just_enough', undefined],
  [
    'tail_call_too_deep',
    /: tail_calls are not allowed when call stack of previous frames is 272 bytes\. Too large$/,
  ],
  ['callback_too_deep', /: combined stack size of 2 calls is 608\. Too large$/],
  ['nine_frames', /: the call stack of 9 frames is too deep$/],
  ['eight_frames', undefined],
];

async function load(program: string, compiler: Compiler): Promise<string | undefined> {
  try {
    const machine = await Machine.create({
      devices: [{ name: 'eth0', program: 'main' }],
      programs: { main: { module: fixturePath('stack_depth', compiler), export: program } },
    });
    await machine.close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const compiler of COMPILERS)
  for (const [program, refusal] of verdicts)
    test(`${program} is ${refusal === undefined ? 'loaded' : 'refused at load'}, as by the kernel (${compiler})`, async () => {
      const message = await load(program, compiler);
      if (refusal === undefined) assert.is(message, undefined);
      else assert.match(message ?? 'loaded', refusal);
    });

test.run();
