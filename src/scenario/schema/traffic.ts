import * as v from 'valibot';
import { closed, flag, integer, oneOf, optional, text } from './blocks.js';
import { deviceName } from './device.js';

const LENGTH_PHRASE = 'a frame length from 60 to 9014, or a list of them';

function length() {
  const one = v.pipe(
    v.number(LENGTH_PHRASE),
    v.integer(LENGTH_PHRASE),
    v.minValue(60, LENGTH_PHRASE),
    v.maxValue(9014, LENGTH_PHRASE),
  );
  const many = v.pipe(
    v.array(one, LENGTH_PHRASE),
    v.minLength(1, LENGTH_PHRASE),
    v.maxLength(1024, 'at most 1024 lengths'),
  );
  return v.union([one, many], LENGTH_PHRASE);
}

/** Either a capture or generated flows; keys of the one have no meaning for the other, and no default here. */
export const TrafficSchema = closed({
  device: optional('Name of the device that receives it. Default: the first device.', deviceName()),
  capture: optional(
    'Path of a pcap or pcapng file to replay, relative to the scenario file. Without it, flows are generated.',
    text('the path of a capture'),
  ),
  loop: optional('With a capture: how often to replay it. Default: 1.', integer(1, 2 ** 32 - 1)),
  flows: optional('Number of generated flows. Default: 64.', integer(1, 1_000_000)),
  length: optional(
    'Frame length without FCS, bytes; or a list, which the frames go through in turn. Default: 60, or what the headers need.',
    length(),
  ),
  protocol: optional('Protocol of the flows. Default: udp.', oneOf(['udp', 'tcp'])),
  ipVersion: optional('IP version of the flows. Default: 4.', oneOf([4, 6])),
  frames: optional(
    'Generated frames in all. Default: no end.',
    integer(1, Number.MAX_SAFE_INTEGER),
  ),
  stamps: optional(
    'Number the frames of each flow in their payload, so that order can be checked (UDP over IPv4). Default: false.',
    flag(),
  ),
});
