/* The work of parse, then a counter of the flow in an array map: helper 1, whose map's address bench/bpf.ts fills in. */
#include "work.h"

struct counter { u64 packets, bytes; };
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
#define MAP ((void *)0x1122334455667788ULL)

SECTION("xdp") int parse_map(const struct xdp_md *ctx)
{
	const u8 *data = (const u8 *)(u64)ctx->data, *end = (const u8 *)(u64)ctx->data_end;
	int flow = flow_of(data, end);
	u32 key = flow;

	if (flow < 0)
		return XDP_PASS;
	struct counter *counter = bpf_map_lookup_elem(MAP, &key);
	if (counter) {
		counter->packets++;
		counter->bytes += end - data;
	}
	return flow;
}
