/* The hash program of the end-to-end bench: parse, hash the 5-tuple, redirect by the hash. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} devs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} socks SEC(".maps");

/* How many CPUs there are, and the first of them, and how many ports and sockets: set before the program is loaded. */
const volatile __u32 nr_cpus = 1;
const volatile __u32 nr_ports = 1;
const volatile __u32 first_cpu = 0;

static __always_inline __u32 scramble(__u32 hash)
{
	hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
	hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
	return hash ^ (hash >> 16);
}

/* 0 for what is no UDP over IPv4. */
static __always_inline __u32 flow_hash(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return 0;
	struct udphdr *udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > end)
		return 0;
	__u32 hash = scramble(ip->saddr * 0x9e3779b1 ^ ip->daddr);
	hash = scramble(hash ^ ((__u32)udp->source << 16 | udp->dest));
	return scramble(hash ^ ip->protocol);
}

SEC("xdp") int to_cpu(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpus, first_cpu + flow_hash(ctx) % nr_cpus, 0);
}

SEC("xdp") int to_dev(struct xdp_md *ctx)
{
	return bpf_redirect_map(&devs, flow_hash(ctx) % nr_ports, 0);
}

SEC("xdp") int to_sock(struct xdp_md *ctx)
{
	return bpf_redirect_map(&socks, ctx->rx_queue_index + flow_hash(ctx) % nr_ports, 0);
}

/* A third of the flows to each kind of target. */
SEC("xdp") int mixed(struct xdp_md *ctx)
{
	__u32 hash = flow_hash(ctx);

	switch (hash % 3) {
	case 0:
		return bpf_redirect_map(&cpus, first_cpu + (hash >> 2) % nr_cpus, 0);
	case 1:
		return bpf_redirect_map(&devs, 0, 0);
	default:
		return bpf_redirect_map(&socks, ctx->rx_queue_index, 0);
	}
}

SEC("xdp") int drop(struct xdp_md *ctx) { return XDP_DROP; }
SEC("xdp/cpumap") int cpu_drop(struct xdp_md *ctx) { return XDP_DROP; }

char _license[] SEC("license") = "GPL";
