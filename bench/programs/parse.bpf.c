/* Parse a UDP frame, hash its 5-tuple: about 65 instructions run. */
#include "work.h"

SECTION("xdp") int parse(const struct xdp_md *ctx)
{
	return flow_of((const u8 *)(u64)ctx->data, (const u8 *)(u64)ctx->data_end);
}
