import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatText, printedText } from '../../src/trace/tracepointFormat.js';
import { linkAttachFailed, tracepoints, xdpEventsOf } from '../../src/trace/tracepoints.js';

/** The `format` files of a 6.18 kernel, one after the other. */
const recorded = readFileSync(
  new URL('../../../test/fixtures/tracefs/xdp-6.18.txt', import.meta.url),
  'utf8',
).split('%%\n');

const named = (name: string) => tracepoints.find((info) => info.name === name)!;

test('every event of 6.18 has the format that the kernel shows in tracefs', () => {
  const texts = new Map(recorded.map((text) => [/^name: (.*)$/m.exec(text)?.[1], text]));
  const events = xdpEventsOf(618);
  assert.equal(
    events.map(({ name }) => name).sort(),
    [...texts.keys()].filter((name) => name !== undefined).sort(),
  );
  for (const info of events) {
    const text = texts.get(info.name)!;
    const id = Number(/^ID: (\d+)$/m.exec(text)![1]);
    assert.fixture(formatText(info, id), text, info.name);
  }
});

test('6.1 has no event for a refused link', () => {
  assert.not(xdpEventsOf(601).includes(linkAttachFailed));
});

test('an event is printed as trace_pipe shows it', () => {
  const xmit = { from_ifindex: 2, to_ifindex: 3, action: 4, sent: 1, drops: 0, err: -95 };
  assert.is(
    printedText(named('xdp_devmap_xmit'), xmit),
    'ndo_xdp_xmit from_ifindex=2 to_ifindex=3 action=REDIRECT sent=1 drops=0 err=-95',
  );
  assert.is(
    printedText(named('xdp_exception'), { prog_id: 7, action: 9, ifindex: 2 }),
    'prog_id=7 action=0x9 ifindex=2',
  );
});

test.run();
