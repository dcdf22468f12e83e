import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatIp, parseIp, toIp } from '../../src/packet/ipAddress.js';
import { formatMac, parseMac, toMac } from '../../src/packet/mac.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/addresses.test.js';
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

property(
  'a MAC address survives being printed and parsed',
  FILE,
  fc.property(bytesOf(6), (mac) => {
    assert.equal(parseMac(formatMac(mac)), mac);
  }),
);

test('a MAC address may have dashes, capitals and short bytes', () => {
  assert.equal([...parseMac('02-0A-b-00-0-1')], [2, 10, 11, 0, 0, 1]);
});

test('what is no MAC address is named in the error', () => {
  for (const text of [
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:001',
    '02:00-00:00:00:00',
    'g0:0:0:0:0:0',
  ]) {
    assert.throws(
      () => parseMac(text),
      (error: Error) => error instanceof RangeError && error.message.includes(JSON.stringify(text)),
    );
  }
  assert.throws(
    () => parseMac(7 as never),
    (error: Error) => error instanceof TypeError,
  );
  assert.throws(() => toMac(new Uint8Array(5)), /expected 6 bytes, found 5/);
});

property(
  'an IPv4 address survives being printed and parsed',
  FILE,
  fc.property(bytesOf(4), (address) => {
    assert.equal(parseIp(formatIp(address)), address);
  }),
);

/** Addresses with runs of zeros, which random bytes hardly ever have. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));

property(
  'an IPv6 address is printed as a URL would, and parsed back',
  FILE,
  fc.property(ipv6, (address) => {
    const text = formatIp(address);
    assert.ok(isIPv6(text), text);
    assert.equal(parseIp(text), address);
    if (!text.includes('.')) assert.is(new URL(`http://[${text}]`).hostname, `[${text}]`);
  }),
);

property(
  'text is an IPv6 address for us exactly if it is one for node:net',
  FILE,
  fc.property(fc.array(fc.constantFrom(':', '::', '0', 'ffff', '1', '1.2.3.4', 'g')), (parts) => {
    const text = `:${parts.join('')}`;
    let accepted = true;
    try {
      parseIp(text);
    } catch {
      accepted = false;
    }
    assert.is(accepted, isIPv6(text), text);
  }),
  { numRuns: 2000 },
);

test('IPv6 text is canonical (RFC 5952)', () => {
  const canonical = (text: string) => formatIp(parseIp(text));
  assert.is(canonical('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
  assert.is(canonical('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
  assert.is(canonical('::ffff:192.0.2.1'), '::ffff:192.0.2.1');
  assert.is(canonical('0:0:0:0:0:0:0:0'), '::');
});

test('an IPv4 address is four decimal numbers, nothing that could be read as octal', () => {
  for (const text of ['10.0.0', '10.0.0.256', '10.0.0.01', '10.0.0.1 ', '0x0a.0.0.1', '']) {
    assert.throws(
      () => parseIp(text),
      (error: Error) => error instanceof RangeError && error.message.includes(JSON.stringify(text)),
    );
  }
  assert.throws(() => toIp(new Uint8Array(5)), /expected 4 or 16 bytes, found 5/);
});

test.run();
