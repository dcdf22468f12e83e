import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTrafficSpec } from '../../src/scenario/trafficSpec.js';
import { issuesOf } from './issues.js';

test('reads the keys of a traffic item', () => {
  assert.equal(
    parseTrafficSpec('flows=1000,length=64,protocol=udp,frames=100000,device=eth0,stamps=true'),
    { flows: 1000, length: 64, protocol: 'udp', frames: 100000, device: 'eth0', stamps: true },
  );
  assert.equal(parseTrafficSpec('capture=2,loop=3'), { capture: '2', loop: 3 });
});

test('joins several lengths by "+"', () => {
  assert.equal(parseTrafficSpec('length=64+512+1518'), { length: [64, 512, 1518] });
});

test('says what is wrong with each key and value', () => {
  assert.equal(
    issuesOf(() => parseTrafficSpec('flows=many,length=64+x,pps=3')),
    [
      'flows: expected an integer from 1 to 1000000, found "many"',
      'length: expected a frame length from 60 to 9014, or a list of them, found an array',
      'pps: expected a known key (one of device, capture, loop, flows, length, protocol, ipVersion, frames, stamps), found "pps"',
    ],
  );
});

test('wants each key once, with a value', () => {
  assert.equal(
    issuesOf(() => parseTrafficSpec('stamps,flows=1,flows=2')),
    ['expected key=value, found "stamps"', 'flows: expected one value, found two'],
  );
  assert.equal(
    issuesOf(() => parseTrafficSpec('')),
    ['expected key=value, found ""'],
  );
});

test.run();
