import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RouteType } from '../../../src/arena/layout.generated.js';
import { formatIp, parseIp } from '../../../src/packet/ipAddress.js';
import { formatMac } from '../../../src/packet/mac.js';
import { HelperMachine } from '../../support/helperMachine.js';

const AF_INET = 2;
const AF_INET6 = 10;
const [DIRECT, OUTPUT, SKIP_NEIGH, TBID, SRC] = [1, 2, 4, 8, 16];
const PARAMS_BYTES = 64;
const IFINDEX = 2;

function newMachine(kernel: 601 | 618 = 618) {
  const machine = new HelperMachine({ kernel });
  machine.system.fib.replace(
    [
      { prefix: '10.0.0.0/8', ifindex: IFINDEX, mtu: 1000, metric: 7, src: '10.0.0.1' },
      { prefix: '10.1.0.0/16', ifindex: IFINDEX, via: '10.0.0.2' },
      { prefix: '10.1.0.0/16', ifindex: 99, metric: 1 },
      { prefix: '10.2.0.0/16', type: RouteType.BLACKHOLE },
      { prefix: '10.3.0.0/16', type: RouteType.UNREACHABLE },
      { prefix: '10.4.0.0/16', type: RouteType.PROHIBIT },
      { prefix: '10.0.0.1', ifindex: IFINDEX, type: RouteType.LOCAL, table: 255 },
      { prefix: '10.9.0.0/16', ifindex: IFINDEX, via: '2001:db8::2' },
      { prefix: '192.168.0.0/16', ifindex: IFINDEX, via: '10.0.0.2', table: 100 },
      { prefix: '2001:db8::/32', ifindex: IFINDEX },
    ],
    [
      { ifindex: IFINDEX, address: '10.0.0.2', mac: '02:aa:00:00:00:02' },
      { ifindex: IFINDEX, address: '10.5.5.5', mac: '02:aa:00:00:00:05' },
      { ifindex: IFINDEX, address: '2001:db8::2', mac: '02:aa:00:00:00:06' },
    ],
  );
  return machine;
}

interface Question {
  readonly flags?: number;
  readonly ifindex?: number;
  readonly totLen?: number;
  readonly tbid?: number;
}

/** Asks for the way to `dst`; what the program finds in its `struct bpf_fib_lookup`. */
function ask(machine: HelperMachine, dst: string, question: Question = {}) {
  const { flags = 0, ifindex = IFINDEX, totLen = 0, tbid = 0 } = question;
  const address = parseIp(dst);
  const params = new Uint8Array(PARAMS_BYTES);
  const view = new DataView(params.buffer);
  params[0] = address.length === 4 ? AF_INET : AF_INET6;
  view.setUint16(6, totLen, true);
  view.setUint32(8, ifindex, true);
  params.set(address, 32);
  view.setUint32(48, tbid, true);
  const at = machine.put(params);
  let result = 0n;
  const fault = machine.run((xdp) => {
    result = machine.call('fib_lookup', xdp, at, PARAMS_BYTES, flags);
  });
  assert.is(fault, undefined);
  const out = machine.arena.u8.slice(at, at + PARAMS_BYTES);
  const answer = new DataView(out.buffer);
  return {
    result: Number(result),
    family: out[0],
    mtu: answer.getUint16(6, true),
    ifindex: answer.getUint32(8, true),
    metric: answer.getUint32(12, true),
    src: formatIp(out.slice(16, 20)),
    next: formatIp(out.slice(32, out[0] === AF_INET ? 36 : 48)),
    smac: formatMac(out.slice(52, 58)),
    dmac: formatMac(out.slice(58, 64)),
  };
}

test('the longest prefix wins, and its next hop’s addresses are filled in', () => {
  const { result, ifindex, next, smac, dmac } = ask(newMachine(), '10.1.2.3');
  assert.equal(
    { result, ifindex, next, smac, dmac },
    {
      result: 0,
      ifindex: IFINDEX,
      next: '10.0.0.2',
      smac: '02:00:00:00:00:02',
      dmac: '02:aa:00:00:00:02',
    },
  );
});

test('a destination on the link is its own next hop', () => {
  const { result, next, dmac, metric } = ask(newMachine(), '10.5.5.5');
  assert.equal(
    { result, next, dmac, metric },
    { result: 0, next: '10.5.5.5', dmac: '02:aa:00:00:00:05', metric: 7 },
  );
});

test('routes that lead nowhere have results of their own', () => {
  const machine = newMachine();
  const results = ['10.2.0.1', '10.3.0.1', '10.4.0.1', '10.0.0.1', '11.0.0.1', '10.5.5.6'].map(
    (dst) => ask(machine, dst).result,
  );
  assert.equal(results, [1, 2, 3, 4, 4, 7]);
});

test('SKIP_NEIGH asks for no neighbour', () => {
  assert.is(ask(newMachine(), '10.5.5.6', { flags: SKIP_NEIGH }).result, 0);
});

test('a packet longer than the MTU needs fragmentation, and any other is told it', () => {
  const machine = newMachine();
  const tooLong = ask(machine, '10.5.5.5', { totLen: 1001 });
  assert.is(tooLong.result, 8);
  assert.is(tooLong.mtu, 1000);
  assert.is(ask(machine, '10.5.5.5', { totLen: 1000 }).mtu, 1000);
  assert.is(ask(machine, '10.1.2.3', { totLen: 1 }).mtu, 1500);
});

test('DIRECT asks the main table alone, with TBID any table', () => {
  const machine = newMachine();
  assert.is(ask(machine, '10.0.0.1').result, 4);
  assert.is(ask(machine, '10.0.0.1', { flags: DIRECT | SKIP_NEIGH }).result, 0);
  assert.is(ask(machine, '192.168.1.1').result, 4);
  assert.is(ask(machine, '192.168.1.1', { flags: DIRECT | TBID, tbid: 100 }).result, 0);
  assert.is(ask(machine, '192.168.1.1', { flags: DIRECT | TBID, tbid: 101 }).result, 4);
});

test('OUTPUT takes only routes by that device, SRC gives the preferred source', () => {
  const machine = newMachine();
  assert.is(ask(machine, '10.1.2.3', { flags: OUTPUT }).next, '10.0.0.2');
  assert.is(ask(machine, '10.5.5.5', { flags: SRC }).src, '10.0.0.1');
  assert.is(ask(machine, '10.1.2.3', { flags: SRC }).result, 9);
});

test('IPv6 is routed too, but for addresses that never are', () => {
  const machine = newMachine();
  assert.equal(ask(machine, '2001:db8::2').dmac, '02:aa:00:00:00:06');
  for (const dst of ['fe80::1', 'ff02::1', '::1', '2001:db9::1'])
    assert.is(ask(machine, dst).result, 4, dst);
});

test('an IPv4 route may go by an IPv6 gateway', () => {
  const { result, family, next, dmac } = ask(newMachine(), '10.9.0.1');
  assert.equal(
    { result, family, next, dmac },
    { result: 0, family: AF_INET6, next: '2001:db8::2', dmac: '02:aa:00:00:00:06' },
  );
});

test('what the kernel refuses is refused', () => {
  const machine = newMachine();
  assert.is(ask(machine, '10.1.2.3', { ifindex: 77 }).result, -19);
  assert.is(ask(machine, '10.1.2.3', { flags: 1 << 10 }).result, -22);
  assert.is(ask(newMachine(601), '10.1.2.3', { flags: SKIP_NEIGH }).result, -22);
  assert.is(ask(new HelperMachine(), '10.1.2.3').result, 5);
  machine.run((xdp) => {
    const at = machine.put(Uint8Array.of(1));
    assert.is(machine.call('fib_lookup', xdp, at, PARAMS_BYTES, 0), -97n);
    assert.is(machine.call('fib_lookup', xdp, at, 63, 0), -22n);
  });
});

test('check_mtu compares a packet, or a length, with a device’s MTU', () => {
  const machine = newMachine();
  const check = (length: number, diff: number, ifindex = 0, flags = 0) => {
    let result = 0n;
    machine.run((xdp) => {
      const at = machine.put(new Uint8Array(Uint32Array.of(length).buffer));
      result = machine.call('check_mtu', xdp, ifindex, at, BigInt.asUintN(64, BigInt(diff)), flags);
    }, new Uint8Array(100));
    return [Number(result), machine.arena.u32(machine.scratch)];
  };
  assert.equal(check(0, 0), [0, 1500]);
  assert.equal(check(0, 1414), [0, 1500]);
  assert.equal(check(0, 1415), [1, 1500]);
  assert.equal(check(1500, 0, IFINDEX), [0, 1500]);
  assert.equal(check(1500, 1, IFINDEX), [1, 1500]);
  assert.equal(check(0, 0, 77), [-19, 0]);
  assert.equal(check(0, 0, 0, 1), [-22, 0]);
});

test.run();
