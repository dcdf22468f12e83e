/*
 * Everything at once, and a frame may take two hops:
 *
 *     broadcast, multicast   to all LAN ports but the one they came from (devmap_hash, broadcast)
 *     DNS                    to the AF_XDP socket of the receive queue (xskmap)
 *     ICMP                   out of lan1, by way of a program that counts it (devmap with a program)
 *     TCP                    to CPU 2 or 3 (cpumap); the program there sends requests to port 80 on to lan2 (devmap) and
 *                            passes the others to the stack of that CPU
 *     the rest               to the stack, on the CPU that received it
 *
 * The TypeScript version is ../mixed.ts.
 *
 *     xdpemu run examples/bpf/mixed.json --pcap examples/lan.pcap
 */
#include "packet.h"

#define LAN1 0
#define LAN2 1
#define FIRST_WORK_CPU 2
#define DNS_PORT 53
#define HTTP_PORT 80
/* 2^32 divided by the golden ratio: the top bit of a product with it depends on all bits of the other factor. */
#define GOLDEN_RATIO 0x9e3779b1u
/* The fragment offset: only what has none starts with the transport header. */
#define IP_OFFSET 0x1fff
#define NO_PROTOCOL (-1)

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} flood SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} dns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} icmp_frames SEC(".maps");

struct transport {
	int protocol;
	/* NULL in a frame without ports, as later fragments. */
	const struct ports *ports;
};

static __always_inline const struct ports *ports_at(const struct xdp_md *ctx, int protocol, __u32 l4)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ? HEADER(ctx, l4, struct ports) : 0;
}

static __always_inline struct transport transport_of(const struct xdp_md *ctx)
{
	struct transport none = { .protocol = NO_PROTOCOL };
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	__u32 l3 = ETH_HLEN;
	__be16 type;

	if (!eth)
		return none;
	type = eth->h_proto;
	if (type == bpf_htons(ETH_P_8021Q)) {
		const struct vlan *vlan = HEADER(ctx, l3, struct vlan);

		if (!vlan)
			return none;
		type = vlan->type;
		l3 += VLAN_HLEN;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		const struct iphdr *ip = HEADER(ctx, l3, struct iphdr);
		struct transport found = none;

		if (!ip)
			return none;
		found.protocol = ip->protocol;
		if (!(ip->frag_off & bpf_htons(IP_OFFSET)))
			found.ports = ports_at(ctx, ip->protocol, l3 + ip->ihl * 4);
		return found;
	}
	if (type == bpf_htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip = HEADER(ctx, l3, struct ipv6hdr);
		struct transport found = none;

		if (!ip)
			return none;
		found.protocol = ip->nexthdr;
		found.ports = ports_at(ctx, ip->nexthdr, l3 + sizeof(*ip));
		return found;
	}
	return none;
}

static __always_inline int has_port(const struct ports *ports, __u16 port)
{
	return ports->source == bpf_htons(port) || ports->destination == bpf_htons(port);
}

SEC("xdp") int receive(struct xdp_md *ctx)
{
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	struct transport found;
	__u32 hash;

	if (!eth)
		return XDP_DROP;
	if (eth->h_dest[0] & 1)
		return bpf_redirect_map(&flood, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	found = transport_of(ctx);
	if (found.protocol == IPPROTO_ICMP || found.protocol == IPPROTO_ICMPV6)
		return bpf_redirect_map(&ports, LAN1, 0);
	if (!found.ports)
		return XDP_PASS;
	if (found.protocol == IPPROTO_UDP && has_port(found.ports, DNS_PORT))
		return bpf_redirect_map(&dns, ctx->rx_queue_index, XDP_PASS);
	if (found.protocol != IPPROTO_TCP)
		return XDP_PASS;
	/* Both directions of a connection on one CPU. */
	hash = (__u32)(bpf_ntohs(found.ports->source) ^ bpf_ntohs(found.ports->destination)) * GOLDEN_RATIO;
	return bpf_redirect_map(&cpus, FIRST_WORK_CPU + (hash >> 31), 0);
}

/* Runs in the kthread of a cpumap entry. */
SEC("xdp/cpumap") int tcp_on_cpu(struct xdp_md *ctx)
{
	struct transport found = transport_of(ctx);

	if (found.ports && found.ports->destination == bpf_htons(HTTP_PORT))
		return bpf_redirect_map(&ports, LAN2, 0);
	return XDP_PASS;
}

/* Runs just before transmission; every CPU counts in the same place. */
SEC("xdp/devmap") int count_icmp(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *frames = bpf_map_lookup_elem(&icmp_frames, &key);

	if (frames)
		__sync_fetch_and_add(frames, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
