import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flowMatcher } from '../../src/ledger/flowMatcher.js';

const ipv4 = '10.0.0.1:1234>10.0.0.2:80/udp';
const ipv6 = '[fe80::1]:5>[fe80::2]:53/udp';
const icmp = '10.0.0.1>10.0.0.2/icmp';

test('a flow matches itself, and what leaves parts of it open', () => {
  for (const wanted of [
    ipv4,
    '10.0.0.1:1234 > 10.0.0.2:80',
    '10.0.0.1>10.0.0.2',
    '*>10.0.0.2:80/udp',
    '*:1234>*',
  ]) {
    assert.ok(flowMatcher(wanted)(ipv4), wanted);
  }
  assert.ok(flowMatcher(ipv6)(ipv6));
  assert.ok(flowMatcher('fe80::1>*:53')(ipv6));
  assert.ok(flowMatcher('10.0.0.1>*/icmp')(icmp));
});

test('another flow does not match, nor a frame without one', () => {
  for (const wanted of ['10.0.0.2:80>10.0.0.1:1234/udp', '10.0.0.1:123>*', '*>*:80/tcp', ipv6]) {
    assert.not(flowMatcher(wanted)(ipv4), wanted);
  }
  assert.not(flowMatcher('*>*')(undefined));
});

test('what is no flow is refused', () => {
  for (const wanted of ['', '10.0.0.1', 'a>b', '10.0.0.1:x>10.0.0.2', '10.0.0.1>10.0.0.2/UDP!']) {
    assert.throws(() => flowMatcher(wanted), /expected a flow as/);
  }
});

test.run();
