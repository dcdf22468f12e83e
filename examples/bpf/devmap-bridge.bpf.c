/*
 * A bridge between two ports over a devmap: what comes in at one leaves at the other. The entry that leads to the trunk
 * port has a program of its own, which runs just before transmission and puts the frame into VLAN 42; on the way back
 * the tag comes off. The TypeScript version is ../devmap-bridge.ts.
 *
 *     xdpemu run examples/bpf/devmap-bridge.json --pcap examples/lan.pcap
 */
#include "packet.h"

#define MAX_PORTS 3
#define VLAN_MASK 0x0fff

/* Both set by the scenario, before the program is loaded. */
const volatile __u32 trunk = 2;
const volatile __u16 vlan_id = 42;

/* By the ifindex that a frame came from: where it goes. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, MAX_PORTS);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct counters {
	__u64 frames, bytes;
};

/* By ingress ifindex. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_PORTS);
	__type(key, __u32);
	__type(value, struct counters);
} forwarded SEC(".maps");

struct addresses {
	__u8 bytes[2 * ETH_ALEN];
};

/* Moves both MAC addresses by the length of a tag, together with the frame's first byte. */
static __always_inline int move_head(struct xdp_md *ctx, int delta)
{
	struct addresses *at = HEADER(ctx, 0, struct addresses), addresses;

	if (!at)
		return -1;
	addresses = *at;
	if (bpf_xdp_adjust_head(ctx, delta))
		return -1;
	at = HEADER(ctx, 0, struct addresses);
	if (!at)
		return -1;
	*at = addresses;
	return 0;
}

/* 01:80:c2:00:00:00 to 0f (IEEE 802.1D, pause frames, LACP): no bridge forwards these. */
static __always_inline int is_link_local(const struct ethhdr *eth)
{
	const __u8 *to = eth->h_dest;

	return to[0] == 0x01 && to[1] == 0x80 && to[2] == 0xc2 && to[3] == 0 && to[4] == 0 && to[5] < 16;
}

SEC("xdp") int bridge(struct xdp_md *ctx)
{
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	__u32 ingress = ctx->ingress_ifindex;
	struct counters *counters;

	if (!eth)
		return XDP_DROP;
	if (is_link_local(eth))
		return XDP_PASS;
	counters = bpf_map_lookup_elem(&forwarded, &ingress);
	if (counters) {
		__sync_fetch_and_add(&counters->frames, 1);
		__sync_fetch_and_add(&counters->bytes, bpf_xdp_get_buff_len(ctx));
	}
	if (ingress == trunk) {
		const struct vlan *vlan = HEADER(ctx, ETH_HLEN, struct vlan);

		if (!vlan || eth->h_proto != bpf_htons(ETH_P_8021Q))
			return XDP_DROP;
		if ((bpf_ntohs(vlan->tag) & VLAN_MASK) != vlan_id)
			return XDP_DROP;
		if (move_head(ctx, VLAN_HLEN))
			return XDP_ABORTED;
	}
	return bpf_redirect_map(&ports, ingress, 0);
}

/* Runs on a frame that is about to leave at the trunk. */
SEC("xdp/devmap") int tag(struct xdp_md *ctx)
{
	struct vlan *vlan;
	struct ethhdr *eth;

	if (move_head(ctx, -VLAN_HLEN))
		return XDP_DROP;
	eth = HEADER(ctx, 0, struct ethhdr);
	vlan = HEADER(ctx, ETH_HLEN, struct vlan);
	if (!eth || !vlan)
		return XDP_DROP;
	eth->h_proto = bpf_htons(ETH_P_8021Q);
	vlan->tag = bpf_htons(vlan_id);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
