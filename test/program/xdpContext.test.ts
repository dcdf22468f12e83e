import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, XDP } from '../../src/program/define.js';
import type { XdpContext } from '../../src/program/xdpContext.js';

const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 });

/** The fault of a program that makes this call. */
async function faultOf(call: (ctx: XdpContext) => unknown): Promise<string | undefined> {
  const faults: string[] = [];
  const main = defineXdp((ctx) => {
    call(ctx);
    return XDP.PASS;
  });
  await using machine = await Machine.create(
    { devices: [{ name: 'eth0', program: 'main' }] },
    { programs: { main }, onFault: ({ message }) => faults.push(message) },
  );
  const [result] = await machine.inject('eth0', [frame]);
  assert.is(result?.fate, faults.length > 0 ? 'aborted' : 'pass');
  return faults[0];
}

test('packet offsets are whole numbers in the packet', async () => {
  assert.is(await faultOf((ctx) => ctx.u8(ctx.length - 1)), undefined);
  assert.is(
    await faultOf((ctx) => ctx.u16(ctx.length - 1)),
    `PacketAccessError: packet bytes ${frame.length - 1} to ${frame.length}: it has ${frame.length}`,
  );
  assert.match(
    (await faultOf((ctx) => ctx.u8(-1))) ?? '',
    /^PacketAccessError: packet bytes -1 to -1/,
  );
  assert.is(
    await faultOf((ctx) => ctx.u8(1.5)),
    'RangeError: a packet offset: expected an integer of 32 bits, found 1.5',
  );
  assert.match(
    (await faultOf((ctx) => ctx.setU32(Number.NaN, 0))) ?? '',
    /^RangeError: .* found NaN$/,
  );
  assert.match(
    (await faultOf((ctx) => ctx.u8('1' as never))) ?? '',
    /^TypeError: .* found string$/,
  );
});

test('so are the arguments of helpers', async () => {
  const calls: readonly [(ctx: XdpContext) => unknown, RegExp][] = [
    [(ctx) => ctx.adjustHead(Number.NaN), /^RangeError: adjustHead: .* found NaN$/],
    [(ctx) => ctx.adjustTail(0.5), /^RangeError: adjustTail: .* found 0.5$/],
    [(ctx) => ctx.adjustMeta(2 ** 40), /^RangeError: adjustMeta: .* found 1099511627776$/],
    [(ctx) => ctx.loadBytes(0, Number.NaN), /^RangeError: loadBytes: length: .* found NaN$/],
    [(ctx) => ctx.loadBytes(0.1, 4), /^RangeError: loadBytes: offset: .* found 0.1$/],
    [(ctx) => ctx.storeBytes(0.1, frame), /^RangeError: storeBytes: offset: .* found 0.1$/],
    [(ctx) => ctx.adjustHead(undefined as never), /^TypeError: adjustHead: .* found undefined$/],
  ];
  for (const [call, message] of calls) assert.match((await faultOf(call)) ?? '', message);
  assert.is(await faultOf((ctx) => ctx.adjustHead(-4)), undefined);
});

test.run();
