/*
 * Steering to AF_XDP sockets over XSKMAPs: DNS goes to one socket, other UDP to another, everything else to the stack.
 * A socket receives from the queue it is bound to only, so the key is the queue that the frame came from. The TypeScript
 * version is ../xskmap-steering.ts.
 *
 *     xdpemu run examples/bpf/xskmap-steering.json --pcap examples/lan.pcap
 */
#include "packet.h"
#include <linux/udp.h>

#define MAX_QUEUES 2
#define DNS_PORT 53
/* Fragment offset and "more fragments": what has either is put together by the stack first. */
#define IP_FRAGMENT 0x3fff

struct xsks {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
};
struct xsks dns SEC(".maps");
struct xsks udp SEC(".maps");

/* The UDP header, or NULL in a frame that has none in reach. */
static __always_inline const struct udphdr *udp_header(const struct xdp_md *ctx)
{
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	__u32 l3 = ETH_HLEN;
	__be16 type;

	if (!eth)
		return 0;
	type = eth->h_proto;
	if (type == bpf_htons(ETH_P_8021Q)) {
		const struct vlan *vlan = HEADER(ctx, l3, struct vlan);

		if (!vlan)
			return 0;
		type = vlan->type;
		l3 += VLAN_HLEN;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		const struct iphdr *ip = HEADER(ctx, l3, struct iphdr);

		if (!ip || ip->frag_off & bpf_htons(IP_FRAGMENT) || ip->protocol != IPPROTO_UDP)
			return 0;
		return HEADER(ctx, l3 + ip->ihl * 4, struct udphdr);
	}
	if (type == bpf_htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip = HEADER(ctx, l3, struct ipv6hdr);

		/* Extension headers are the stack's business. */
		if (!ip || ip->nexthdr != IPPROTO_UDP)
			return 0;
		return HEADER(ctx, l3 + sizeof(*ip), struct udphdr);
	}
	return 0;
}

SEC("xdp") int steer(struct xdp_md *ctx)
{
	const struct udphdr *header = udp_header(ctx);

	if (!header)
		return XDP_PASS;
	/* Without a socket for this queue the stack gets it. */
	if (header->source == bpf_htons(DNS_PORT) || header->dest == bpf_htons(DNS_PORT))
		return bpf_redirect_map(&dns, ctx->rx_queue_index, XDP_PASS);
	return bpf_redirect_map(&udp, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
