/* What the benchmark programs do, once. bench/bpf.ts has the same work as TypeScript and checks the results. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))

/* include/uapi/linux/bpf.h */
struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};
enum { XDP_ABORTED, XDP_DROP, XDP_PASS };

struct ethernet { u8 destination[6], source[6]; u16 type; };
struct ipv4 { u8 version_length, tos; u16 length, id, fragment; u8 ttl, protocol; u16 checksum; u32 source, destination; };
struct udp { u16 source, destination, length, checksum; };

#define ETH_P_IP 0x0008 /* 0x0800, as a little-endian machine loads it */
#define MORE_FRAGMENTS_OR_OFFSET 0xff3f
#define IPPROTO_UDP 17
#define FLOWS 64

INLINE u32 scramble(u32 hash)
{
	hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
	hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
	return hash ^ (hash >> 16);
}

/* Number of the flow of an unfragmented UDP datagram, 0..FLOWS-1; -1 of any other frame. */
INLINE int flow_of(const u8 *data, const u8 *end)
{
	const struct ethernet *eth = (const void *)data;
	const struct ipv4 *ip = (const void *)(eth + 1);

	if ((const u8 *)(ip + 1) > end || eth->type != ETH_P_IP)
		return -1;
	u32 words = ip->version_length & 15;
	if (ip->version_length >> 4 != 4 || words < 5 || ip->protocol != IPPROTO_UDP)
		return -1;
	if (ip->fragment & MORE_FRAGMENTS_OR_OFFSET)
		return -1;
	const struct udp *udp = (const void *)((const u8 *)ip + 4 * words);
	if ((const u8 *)(udp + 1) > end)
		return -1;
	u32 hash = scramble(ip->source * 0x9e3779b1 ^ ip->destination);
	hash = scramble(hash ^ ((u32)udp->source << 16 | udp->destination));
	return scramble(hash ^ ip->protocol) % FLOWS;
}
