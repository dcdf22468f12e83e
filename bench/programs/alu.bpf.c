/* One load, then some hundred shifts, xors, adds and multiplications without a branch. */
#include "work.h"

SECTION("xdp") int alu(const struct xdp_md *ctx)
{
	const u8 *data = (const u8 *)(u64)ctx->data;

	if (data + 8 > (const u8 *)(u64)ctx->data_end)
		return 0;
	u64 x = *(const u64 *)data;
#pragma clang loop unroll(full)
	for (int round = 0; round < 8; round++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		x = (x + 0x51ed270b) * 0x2545f49;
	}
	return x ^ (x >> 32);
}
