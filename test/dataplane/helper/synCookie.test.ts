import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperMachine } from '../../support/helperMachine.js';
import { property } from '../../support/property.js';

const MINUTE_NS = 60e9;

interface Handshake {
  readonly version: 4 | 6;
  readonly addresses: Uint8Array;
  readonly ports: Uint8Array;
  readonly sequence: number;
  readonly mss: number | undefined;
}
const handshakes = fc.record<Handshake>({
  version: fc.constantFrom(4, 6),
  addresses: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  ports: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  sequence: fc.integer({ min: 0, max: 0xffffffff }),
  mss: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
});

function ipHeader({ version, addresses }: Handshake): Uint8Array {
  const header = new Uint8Array(version === 4 ? 20 : 40);
  header.set(version === 4 ? addresses.subarray(0, 8) : addresses, version === 4 ? 12 : 8);
  return header;
}

function tcpHeader({ ports, mss }: Handshake, sequence: number, ack: number): Uint8Array {
  const header = new Uint8Array(mss === undefined ? 20 : 28);
  const view = new DataView(header.buffer);
  header.set(ports);
  view.setUint32(4, sequence >>> 0);
  view.setUint32(8, ack >>> 0);
  header[12] = (header.length / 4) << 4;
  if (mss !== undefined) {
    header.set([1, 1, 2, 4], 20);
    view.setUint16(24, mss);
  }
  return header;
}

const machine = new HelperMachine({ seed: 5 });

function generate(handshake: Handshake) {
  const ip = machine.put(ipHeader(handshake));
  const tcp = tcpHeader(handshake, handshake.sequence, 0);
  const name = `tcp_raw_gen_syncookie_ipv${handshake.version}` as const;
  const result = machine.call(name, ip, machine.put(tcp, 64), tcp.length);
  return { cookie: Number(result & 0xffffffffn), mss: Number(result >> 32n) };
}

function check(handshake: Handshake, ack: number): bigint {
  const ip = machine.put(ipHeader(handshake));
  const tcp = machine.put(tcpHeader(handshake, handshake.sequence + 1, ack), 64);
  return machine.call(`tcp_raw_check_syncookie_ipv${handshake.version}`, ip, tcp);
}

/** The greatest value of the kernel’s table that is not above what was asked for. */
function tableMss({ version, mss }: Handshake): number {
  const table = version === 4 ? [536, 1300, 1440, 1460] : [1220, 1420, 1440, 8940];
  return table.filter((value) => value <= (mss ?? table[0]!)).at(-1) ?? table[0]!;
}

property(
  'the answer to a cookie is good for less than two minutes, and for that connection alone',
  import.meta.filename,
  fc.property(handshakes, fc.nat(1e6), (handshake, minute) => {
    machine.nowNs = minute * MINUTE_NS;
    const { cookie, mss } = generate(handshake);
    assert.is(mss, tableMss(handshake));
    machine.nowNs += MINUTE_NS;
    assert.is(check(handshake, cookie + 1), 0n);
    assert.is(check(handshake, cookie + 1 + 2 ** 30), -13n);
    const other = { ...handshake, ports: handshake.ports.map((byte) => byte ^ 1) };
    assert.is(check(other, cookie + 1), -13n);
    machine.nowNs += MINUTE_NS;
    assert.is(check(handshake, cookie + 1), -13n);
  }),
);

test('the header’s length must be right', () => {
  const ip = machine.put(new Uint8Array(20));
  const tcp = machine.put(
    Uint8Array.from({ length: 24 }, (_, i) => (i === 12 ? 0x50 : 0)),
    64,
  );
  assert.is(machine.call('tcp_raw_gen_syncookie_ipv4', ip, tcp, 19), -22n);
  assert.is(machine.call('tcp_raw_gen_syncookie_ipv4', ip, tcp, 24), -22n);
  assert.ok(machine.call('tcp_raw_gen_syncookie_ipv4', ip, tcp, 20) > 0n);
});

test.run();
