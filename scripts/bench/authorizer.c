// The least a FastCGI authorizer can do, as the yardstick of bench-gate: answers 204 to everything, looks at nothing.
// One epoll loop a process; the listening socket is descriptor 0, as spawn-fcgi and the pool give it.
// cc -O2 -o authorizer authorizer.c && authorizer <processes>   (this many, killed with the first)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { END_REQUEST = 3, STDIN = 5, STDOUT = 6, BUFFER = 65536, CONNECTIONS = 4096 };

struct connection {
    int used;
    unsigned char data[BUFFER];
};

static struct connection *connections[CONNECTIONS];

// Whether the request is whole: an empty STDIN record ends it. Gives the request's number.
static int whole(const struct connection *c, uint16_t *id) {
    int at = 0;
    while (at + 8 <= c->used) {
        const unsigned char *head = c->data + at;
        int length = head[4] << 8 | head[5];
        *id = (uint16_t)(head[2] << 8 | head[3]);
        if (head[1] == STDIN && length == 0) return 1;
        at += 8 + length + head[6];
    }
    return 0;
}

static void answer(int fd, uint16_t id) {
    static const char text[] = "Status: 204 No Content\r\n\r\n";
    unsigned char out[8 + 32 + 8 + 16];
    int n = sizeof text - 1, pad = -n & 7, at = 0;
    const unsigned char hi = id >> 8, lo = id & 255;
    const unsigned char head[8] = {1, STDOUT, hi, lo, 0, (unsigned char)n, (unsigned char)pad, 0};
    memcpy(out, head, 8);
    memcpy(out + 8, text, (size_t)n);
    memset(out + 8 + n, 0, (size_t)pad);
    at = 8 + n + pad;
    const unsigned char tail[24] = {1, STDOUT, hi, lo, 0, 0, 0, 0, 1, END_REQUEST, hi, lo, 0, 8, 0, 0};
    memcpy(out + at, tail, 24);
    if (write(fd, out, (size_t)at + 24) < 0) return;
}

static void serve(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event listening = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = 0}, events[64];
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &listening);
    for (;;) {
        int count = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) {
                int fresh = accept4(0, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (fresh < 0) continue;
                if (fresh >= CONNECTIONS) { close(fresh); continue; }
                if (!connections[fresh]) connections[fresh] = malloc(sizeof(struct connection));
                connections[fresh]->used = 0;
                struct epoll_event reading = {.events = EPOLLIN, .data.fd = fresh};
                epoll_ctl(epoll, EPOLL_CTL_ADD, fresh, &reading);
                fd = fresh;             // nginx has written already, as a rule
            }
            struct connection *c = connections[fd];
            ssize_t got = read(fd, c->data + c->used, (size_t)(BUFFER - c->used));
            if (got < 0 && errno == EAGAIN) continue;
            uint16_t id = 0;
            if (got > 0) {
                c->used += (int)got;
                if (!whole(c, &id) && c->used < BUFFER) continue;
                answer(fd, id);
            }
            close(fd);
        }
    }
}

int main(int argc, char **argv) {
    int processes = argc > 1 ? atoi(argv[1]) : 1;
    fcntl(0, F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
    pid_t first = getpid();
    for (int i = 1; i < processes; i++) {
        if (fork() != 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != first) return 0;
        break;
    }
    serve();
}
