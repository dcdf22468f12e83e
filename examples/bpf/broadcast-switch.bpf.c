/*
 * A switch of four ports over a devmap_hash: a frame for one host goes to that host's port, everything else to all ports
 * but the one it came from, with BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS. The TypeScript version is
 * ../broadcast-switch.ts.
 *
 *     xdpemu run examples/bpf/broadcast-switch.json --pcap examples/lan.pcap
 */
#include "packet.h"

/* The first bit on the wire: a group address. */
#define MULTICAST 0x01

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct mac {
	__u8 bytes[ETH_ALEN];
};

/* Forwarding table: ifindex of the port by MAC address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct mac);
	__type(value, __u32);
} fdb SEC(".maps");

SEC("xdp") int forward(struct xdp_md *ctx)
{
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	struct mac to;
	__u32 *port;

	if (!eth)
		return XDP_DROP;
	__builtin_memcpy(&to, eth->h_dest, sizeof(to));
	port = to.bytes[0] & MULTICAST ? 0 : bpf_map_lookup_elem(&fdb, &to);
	if (!port)
		return bpf_redirect_map(&ports, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	/* The host is where the frame came from: it has it already. */
	if (*port == ctx->ingress_ifindex)
		return XDP_DROP;
	return bpf_redirect_map(&ports, *port, 0);
}

char _license[] SEC("license") = "GPL";
