import { formatText } from '../trace/tracepointFormat.js';
import { SYSTEM, type TracepointInfo } from '../trace/tracepoints.js';
import { eventId } from './event.js';
import { u32s, u64s } from './words.js';

/** `events/header_page` and `events/header_event` under tracefs. */
const HEADER_PAGE = `\
	field: u64 timestamp;	offset:0;	size:8;	signed:0;
	field: local_t commit;	offset:8;	size:8;	signed:1;
	field: int overwrite;	offset:8;	size:1;	signed:1;
	field: char data;	offset:16;	size:4080;	signed:0;
`;
const HEADER_EVENT = `\
# compressed entry header
	type_len    :    5 bits
	time_delta  :   27 bits
	array       :   32 bits

	padding     : type == 29
	time_extend : type == 30
	time_stamp : type == 31
	data max type_len  == 28
`;

const PAGE_BYTES = 4096;

/** The tracing data that perf reads formats from (tools/perf/util/trace-event-read.c:trace_report), version 0.5. */
export function tracingData(events: readonly TracepointInfo[]): Uint8Array {
  const formats = events.map((info) => sized(formatText(info, eventId(info))));
  return Buffer.concat([
    Buffer.from([0x17, 0x08, 0x44]),
    Buffer.from('tracing0.5\0'),
    // Little endian, `long` of 8 bytes.
    Buffer.from([0, 8]),
    u32s(PAGE_BYTES),
    Buffer.from('header_page\0'),
    sized(HEADER_PAGE),
    Buffer.from('header_event\0'),
    sized(HEADER_EVENT),
    // Formats of ftrace itself: none. One system follows.
    u32s(0, 1),
    Buffer.from(`${SYSTEM}\0`),
    u32s(formats.length),
    ...formats,
    // Neither symbols nor texts of trace_printk.
    u32s(0, 0),
  ]);
}

function sized(text: string): Uint8Array {
  return Buffer.concat([u64s(Buffer.byteLength(text)), Buffer.from(text)]);
}
