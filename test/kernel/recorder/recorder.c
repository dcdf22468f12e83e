/*
 * Makes system calls on the machine's own kernel for whoever writes commands to its standard input, in a network
 * namespace of its own that ends with it: nothing is pinned and nothing has a name, so nothing can be left behind.
 *
 *   bpf CMD ATTR [OFFSET:BYTES]...   bpf(2); each buffer's address is put at its offset in the attribute
 *       -> RETURN ERRNO ATTR BYTES...
 *   socket DOMAIN TYPE               -> RETURN ERRNO
 *   xsk IFINDEX QUEUE                an AF_XDP socket, bound in copy mode with an UMEM of its own -> RETURN ERRNO
 *   close FD                         -> RETURN ERRNO
 *   run COMMAND LINE                 what a shell makes of it -> STATUS OUTPUT
 *   away                             path of a second namespace, for devices that move -> PATH
 *
 * Numbers are decimal; ATTR, BYTES and OUTPUT hexadecimal, an empty one is "-".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BUFFERS_MAX 8
#define RING_SLOTS 2
#define CHUNK_BYTES 4096

struct bytes {
	unsigned char *at;
	size_t length;
};

static struct bytes from_hex(const char *hex)
{
	size_t length = hex[0] == '-' ? 0 : strlen(hex) / 2;
	struct bytes bytes = { calloc(1, length + 1), length };

	for (size_t i = 0; i < length; i++) {
		unsigned int byte = 0;
		sscanf(hex + 2 * i, "%2x", &byte);
		bytes.at[i] = byte;
	}
	return bytes;
}

static void print_hex(const unsigned char *at, size_t length)
{
	putchar(' ');
	if (length == 0)
		putchar('-');
	for (size_t i = 0; i < length; i++)
		printf("%02x", at[i]);
}

static void print_result(long result)
{
	printf("%ld %d", result, result < 0 ? errno : 0);
}

static void call_bpf(void)
{
	int cmd = atoi(strtok(NULL, " "));
	struct bytes attr = from_hex(strtok(NULL, " "));
	struct bytes buffers[BUFFERS_MAX];
	int count = 0;

	for (char *word; count < BUFFERS_MAX && (word = strtok(NULL, " ")); count++) {
		char *hex = strchr(word, ':') + 1;
		buffers[count] = from_hex(hex);
		uint64_t address = (uintptr_t)buffers[count].at;
		memcpy(attr.at + atoi(word), &address, sizeof(address));
	}
	print_result(syscall(SYS_bpf, cmd, attr.at, attr.length));
	print_hex(attr.at, attr.length);
	for (int i = 0; i < count; i++) {
		print_hex(buffers[i].at, buffers[i].length);
		free(buffers[i].at);
	}
	free(attr.at);
}

static long open_xsk(int ifindex, int queue)
{
	int slots = RING_SLOTS;
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	void *memory = mmap(NULL, RING_SLOTS * CHUNK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct xdp_umem_reg umem = {
		.addr = (uintptr_t)memory,
		.len = RING_SLOTS * CHUNK_BYTES,
		.chunk_size = CHUNK_BYTES,
	};
	struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY,
		.sxdp_ifindex = ifindex,
		.sxdp_queue_id = queue,
	};

	if (fd < 0 || setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)) ||
	    setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &slots, sizeof(slots)) ||
	    setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &slots, sizeof(slots)) ||
	    setsockopt(fd, SOL_XDP, XDP_RX_RING, &slots, sizeof(slots)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return fd;
}

static void run_command(const char *command)
{
	static unsigned char output[1 << 18];
	FILE *pipe = popen(command, "r");
	size_t length = pipe ? fread(output, 1, sizeof(output), pipe) : 0;

	printf("%d", pipe ? pclose(pipe) : -1);
	print_hex(output, length);
}

static int number(void)
{
	return atoi(strtok(NULL, " "));
}

static void serve(char *line, int away)
{
	char *what = strtok(line, " ");

	if (!strcmp(what, "bpf")) {
		call_bpf();
	} else if (!strcmp(what, "socket")) {
		int domain = number(), type = number();
		print_result(socket(domain, type | SOCK_CLOEXEC, 0));
	} else if (!strcmp(what, "xsk")) {
		int ifindex = number(), queue = number();
		print_result(open_xsk(ifindex, queue));
	} else if (!strcmp(what, "close")) {
		print_result(close(number()));
	} else if (!strcmp(what, "run")) {
		run_command(strtok(NULL, ""));
	} else if (!strcmp(what, "away")) {
		printf("/proc/%d/fd/%d", getpid(), away);
	}
	putchar('\n');
	fflush(stdout);
}

/* Descriptors 0 and 1 are files from here on: the pipes of whoever started this may as well be sockets. */
static FILE *take_over_pipes(void)
{
	FILE *in = fdopen(fcntl(0, F_DUPFD_CLOEXEC, 3), "r");
	FILE *out = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 3), "w");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!in || !out || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return NULL;
	stdout = out;
	return in;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *in = take_over_pipes();

	if (!in || unshare(CLONE_NEWNET)) {
		perror("unshare");
		return 1;
	}
	int away = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (away < 0 || unshare(CLONE_NEWNET)) {
		perror("unshare");
		return 1;
	}
	for (ssize_t length; (length = getline(&line, &size, in)) > 0;) {
		line[length - 1] = 0;
		serve(line, away);
	}
	return 0;
}
