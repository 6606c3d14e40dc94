// Asks at a fixed rate whatever the answers take, and times each answer from the moment it was meant to be asked, so that
// a server that stalls cannot hide it by slowing the asking. One thread, kept-alive connections, as many as are needed.
// cc -O2 -o openloop openloop.c && openloop PORT RATE SECONDS < request   (the request's bytes, header only)
// Prints: answers, failures, connections, latency ms (p50 p90 p99 p99.9 max), lateness of the asking ms (p50 p99 max).
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 4096, ROOM = 65536, REQUEST = 8192 };

struct connection {
    int fd, used;
    int64_t meant;      // when the request under way was meant to be sent; 0 while idle
    char data[ROOM];
};

static struct connection *all[CONNECTIONS];
static int made, idle[CONNECTIONS], idles, failures, epoll;
static char request[REQUEST];
static size_t length;
static struct sockaddr_in address;
static int64_t *latency, *lateness;
static long answers, asked;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct connection *take(void) {
    if (idles > 0) return all[idle[--idles]];
    if (made == CONNECTIONS) return NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) { close(fd); return NULL; }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *c = all[made] = calloc(1, sizeof *c);
    c->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)made};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    made++;
    return c;
}

static void ask(int64_t meant) {
    struct connection *c = take();
    asked++;
    if (!c) { failures++; return; }
    c->meant = meant;
    c->used = 0;
    lateness[asked - 1] = now() - meant;
    if (write(c->fd, request, length) != (ssize_t)length) { failures++; c->meant = 0; }
}

// Whether the answer is whole; -1 when it is not a 200 with a length.
static int whole(const struct connection *c) {
    const char *end = memmem(c->data, (size_t)c->used, "\r\n\r\n", 4), *field;
    if (!end) return 0;
    if (memcmp(c->data, "HTTP/1.1 200", 12) != 0) return -1;
    field = memmem(c->data, (size_t)(end - c->data), "Content-Length: ", 16);
    if (!field) return -1;
    return c->used >= end + 4 - c->data + atol(field + 16);
}

static void answered(int index) {
    struct connection *c = all[index];
    ssize_t got = read(c->fd, c->data + c->used, (size_t)(ROOM - c->used));
    if (got <= 0) {     // closed: one that was idle is no failure, but it is not used again
        if (c->meant) failures++;
        epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
        close(c->fd);
        for (int i = 0; i < idles; i++) if (idle[i] == index) { idle[i] = idle[--idles]; break; }
        return;
    }
    c->used += (int)got;
    int done = whole(c);
    if (done == 0) return;
    if (done < 0) failures++; else latency[answers++] = now() - c->meant;
    c->meant = 0;
    idle[idles++] = index;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static double at(int64_t *sorted, long count, double part) {
    return count ? (double)sorted[(long)((double)(count - 1) * part)] / 1e6 : -1;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int port = atoi(argv[1]), rate = atoi(argv[2]), seconds = atoi(argv[3]);
    long total = (long)rate * seconds;
    length = fread(request, 1, sizeof request, stdin);
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    latency = calloc((size_t)total, sizeof *latency);
    lateness = calloc((size_t)total, sizeof *lateness);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    prctl(PR_SET_TIMERSLACK, 1);
    int64_t began = now() + 100000000, last = began + seconds * 1000000000LL + 5000000000LL;
    struct epoll_event events[256];
    while (now() < last && answers + failures < total) {
        int64_t next = asked < total ? began + asked * 1000000000LL / rate : last, wait = next - now();
        if (wait < 0) wait = 0;
        struct timespec pause = {wait / 1000000000, wait % 1000000000};
        int count = epoll_pwait2(epoll, events, 256, &pause, NULL);
        for (int i = 0; i < count; i++) answered((int)events[i].data.u32);
        while (asked < total && began + asked * 1000000000LL / rate <= now()) ask(began + asked * 1000000000LL / rate);
    }
    qsort(latency, (size_t)answers, sizeof *latency, compare);
    qsort(lateness, (size_t)asked, sizeof *lateness, compare);
    printf("%ld %ld %d %.2f %.2f %.2f %.2f %.2f %.2f %.2f %.2f\n", answers, total - answers, made, at(latency, answers, .5), at(latency, answers, .9),
           at(latency, answers, .99), at(latency, answers, .999), at(latency, answers, 1), at(lateness, asked, .5), at(lateness, asked, .99), at(lateness, asked, 1));
    return total == answers ? 0 : 1;
}
