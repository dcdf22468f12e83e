/* What the examples share: headers at any offset, as the kernel's verifier wants them checked. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_HLEN 4
#define MAX_OFFSET 255

/* The header of type `type` at byte `offset` of the frame, or NULL where the frame does not have all of it. */
#define HEADER(ctx, offset, type) ((type *)bytes_at(ctx, offset, sizeof(type)))

static __always_inline void *bytes_at(const struct xdp_md *ctx, __u32 offset, __u32 length)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	/* The verifier keeps track of a packet pointer only while what was added to it is small. */
	if (offset > MAX_OFFSET)
		return 0;
	data += offset;
	return data + length > end ? 0 : data;
}

struct vlan {
	__be16 tag, type;
};

struct ports {
	__be16 source, destination;
};
