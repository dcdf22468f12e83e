/*
 * A load balancer over a cpumap: two receive queues hand every frame to one of four CPUs, whose kthreads pass it to the
 * stack. A hash of addresses and ports chooses the CPU, the same one for both directions of a flow, so a flow's frames
 * stay in order. The TypeScript version is ../cpumap-lb.ts.
 *
 *     xdpemu run examples/bpf/cpumap-lb.json --pcap examples/lan.pcap
 */
#include "packet.h"

#define MAX_CPUS 4
#define NO_HASH (-1)
/* Fragment offset and "more fragments": where either is set, ports may be missing. */
#define IP_FRAGMENT 0x3fff

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

/* Spreads the bits (the finalizer of MurmurHash3). */
static __always_inline __u32 mix(__u32 hash)
{
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35;
	return hash ^ hash >> 16;
}

/* Both ports mixed so that their order does not matter; 0 where there are none. */
static __always_inline __u32 ports_of(const struct xdp_md *ctx, __u8 protocol, __u32 l4)
{
	const struct ports *ports;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	ports = HEADER(ctx, l4, struct ports);
	return ports ? bpf_ntohs(ports->source) ^ bpf_ntohs(ports->destination) : 0;
}

static __always_inline __s64 hash_ipv4(const struct xdp_md *ctx, __u32 l3)
{
	const struct iphdr *ip = HEADER(ctx, l3, struct iphdr);
	__u32 ports;

	if (!ip)
		return NO_HASH;
	/* All fragments of a datagram go to one CPU, though only the first of them has ports. */
	if (ip->frag_off & bpf_htons(IP_FRAGMENT))
		ports = 0;
	else
		ports = ports_of(ctx, ip->protocol, l3 + ip->ihl * 4);
	return mix(bpf_ntohl(ip->saddr) ^ bpf_ntohl(ip->daddr) ^ ports ^ ip->protocol);
}

static __always_inline __s64 hash_ipv6(const struct xdp_md *ctx, __u32 l3)
{
	const struct ipv6hdr *ip = HEADER(ctx, l3, struct ipv6hdr);
	__u32 addresses = 0;

	if (!ip)
		return NO_HASH;
#pragma unroll
	for (int i = 0; i < 4; i++)
		addresses ^= bpf_ntohl(ip->saddr.in6_u.u6_addr32[i]) ^ bpf_ntohl(ip->daddr.in6_u.u6_addr32[i]);
	return mix(addresses ^ ports_of(ctx, ip->nexthdr, l3 + sizeof(*ip)) ^ ip->nexthdr);
}

SEC("xdp") int balance(struct xdp_md *ctx)
{
	const struct ethhdr *eth = HEADER(ctx, 0, struct ethhdr);
	__u32 l3 = ETH_HLEN;
	__be16 type;
	__s64 hash;

	if (!eth)
		return XDP_PASS;
	type = eth->h_proto;
#pragma unroll
	for (int tags = 0; tags < 2; tags++) {
		const struct vlan *vlan;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		vlan = HEADER(ctx, l3, struct vlan);
		if (!vlan)
			return XDP_PASS;
		type = vlan->type;
		l3 += VLAN_HLEN;
	}
	if (type == bpf_htons(ETH_P_IP))
		hash = hash_ipv4(ctx, l3);
	else if (type == bpf_htons(ETH_P_IPV6))
		hash = hash_ipv6(ctx, l3);
	else
		hash = NO_HASH;
	/* No IP, or too short for it: the stack takes it on the CPU that received it. */
	if (hash == NO_HASH)
		return XDP_PASS;
	return bpf_redirect_map(&cpus, (__u32)hash % MAX_CPUS, 0);
}

char _license[] SEC("license") = "GPL";
