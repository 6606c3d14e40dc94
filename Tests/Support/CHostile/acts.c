#define _GNU_SOURCE
#include "acts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef const struct hostile_targets *T;

static int through(long result) { return result >= 0 ? 0 : errno; }

static int read_passwd(T t) { (void)t; return through(open("/etc/passwd", O_RDONLY)); }
static int read_other_job(T t) { return through(open(t->file, O_RDONLY)); }
static int read_by_handle(T t) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/root/etc/passwd", t->victim);
    return through(open(path, O_RDONLY));
}
static int write_outside(T t) {
    char path[512];
    snprintf(path, sizeof path, "%s/written", t->directory);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0) return errno;
    return through(write(file, "x", 1));
}
static int delete_other_job(T t) { return through(unlink(t->file)); }
static int rename_other_job(T t) {
    char path[512];
    snprintf(path, sizeof path, "%s/renamed", t->directory);
    return through(rename(t->file, path));
}
static int link_away(T t) {
    char path[512];
    snprintf(path, sizeof path, "%s/link", t->directory);
    return through(symlink("/etc/passwd", path));
}
static int socket_inet(T t) { (void)t; return through(socket(AF_INET, SOCK_STREAM, 0)); }
static int socket_unix(T t) { (void)t; return through(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int socket_netlink(T t) { (void)t; return through(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int connect_tcp(T t) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) return errno;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)t->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return through(connect(s, (struct sockaddr *)&to, sizeof to));
}
static int exec_program(T t) {
    (void)t;
    char *words[] = {"true", NULL};
    char *none[] = {NULL};
    execve("/bin/true", words, none);
    return errno;
}
static int fork_child(T t) {
    (void)t;
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) syscall(SYS_exit_group, 0);
    return through(child);
}
static int clone3_child(T t) {
    (void)t;
    struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } a = {.exit_signal = SIGCHLD};
    long child = syscall(435, &a, sizeof a);
    if (child == 0) syscall(SYS_exit_group, 0);
    return through(child);
}
static int trace_victim(T t) { return through(ptrace(PTRACE_SEIZE, t->victim, NULL, NULL)); }
static int kill_victim(T t) { return through(kill(t->victim, SIGKILL)); }
static int read_memory_of_victim(T t) {
    char here[8];
    struct iovec to = {here, sizeof here}, from = {(void *)0x10000, sizeof here};
    long got = syscall(SYS_process_vm_readv, t->victim, &to, 1, &from, 1, 0);
    // A wrong address is found out behind the question whether it may look at all.
    return got >= 0 || errno == EFAULT ? 0 : errno;
}
static int take_descriptor(T t) {
    long handle = syscall(434 /* pidfd_open */, t->victim, 0);
    if (handle < 0) return errno;
    return through(syscall(438 /* pidfd_getfd */, handle, 0, 0));
}
static int make_memory_file(T t) { (void)t; return through(syscall(SYS_memfd_create, "x", 0)); }
static int undo_by_prctl(T t) { (void)t; return through(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
static int raise_limits(T t) {
    (void)t;
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    return through(setrlimit(RLIMIT_AS, &none));
}
static int own_name_spaces(T t) { (void)t; return through(unshare(CLONE_NEWUSER)); }
static int ring(T t) {
    (void)t;
    char parameters[120] = {0};
    return through(syscall(425 /* io_uring_setup */, 4, parameters));
}
static int kernel_program(T t) {
    (void)t;
    struct { uint32_t type, key, value, entries; char rest[112]; } map = {.type = 2, .key = 4, .value = 4, .entries = 1};
    return through(syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, &map, sizeof map));
}
static int keyring(T t) { (void)t; return through(syscall(SYS_add_key, "user", "reelgate-hostile", "x", 1, -2)); }
static int other_user(T t) { (void)t; return through(setuid(65533)); }
static int mount_over(T t) { return through(mount("none", t->directory, "tmpfs", 0, NULL)); }
static int other_root(T t) { return through(chroot(t->directory)); }
static int watch_kernel(T t) {
    (void)t;
    char attributes[120] = {0};
    ((uint32_t *)attributes)[1] = sizeof attributes;
    ((uint32_t *)attributes)[0] = 1;
    return through(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
}
static int handle_faults(T t) { (void)t; return through(syscall(323 /* userfaultfd */, 0)); }
static int other_personality(T t) { (void)t; return through(syscall(SYS_personality, 0x0040000)); }
static int host_name(T t) { (void)t; return through(sethostname("hostile", 7)); }
static int too_much_memory(T t) {
    (void)t;
    void *place = mmap(NULL, 3ull << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return place == MAP_FAILED ? errno : 0;
}
static int map_input_for_writing(T t) {
    (void)t;
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0);
    return place == MAP_FAILED ? errno : 0;
}
static int spin(T t) {
    (void)t;
    struct rusage used;
    for (;;) {
        for (volatile int i = 0; i < 10000000; i++) {}
        // Through when it had much more than the second it may have.
        if (getrusage(RUSAGE_SELF, &used) == 0 && used.ru_utime.tv_sec + used.ru_stime.tv_sec >= 3) return 0;
    }
}

static const struct { const char *name; int (*act)(T); } acts[] = {
    {"read /etc/passwd", read_passwd},
    {"read another job's file", read_other_job},
    {"read through /proc", read_by_handle},
    {"write a file", write_outside},
    {"delete another job's file", delete_other_job},
    {"rename another job's file", rename_other_job},
    {"make a link", link_away},
    {"socket AF_INET", socket_inet},
    {"socket AF_UNIX", socket_unix},
    {"socket AF_NETLINK", socket_netlink},
    {"connect to 127.0.0.1", connect_tcp},
    {"execve", exec_program},
    {"fork", fork_child},
    {"clone3 without a thread", clone3_child},
    {"ptrace", trace_victim},
    {"kill another process", kill_victim},
    {"process_vm_readv", read_memory_of_victim},
    {"pidfd_getfd", take_descriptor},
    {"memfd_create", make_memory_file},
    {"prctl PR_SET_DUMPABLE", undo_by_prctl},
    {"setrlimit upwards", raise_limits},
    {"unshare a user name space", own_name_spaces},
    {"io_uring_setup", ring},
    {"bpf", kernel_program},
    {"add_key", keyring},
    {"setuid", other_user},
    {"mount", mount_over},
    {"chroot", other_root},
    {"perf_event_open", watch_kernel},
    {"userfaultfd", handle_faults},
    {"personality", other_personality},
    {"sethostname", host_name},
    {"3 GB of memory", too_much_memory},
    {"map the input for writing", map_input_for_writing},
    {"spin for ever", spin},
};

const char *hostile_act_name(int number) {
    return number >= 0 && number < (int)(sizeof acts / sizeof *acts) ? acts[number].name : NULL;
}

int hostile_act(const char *name, const struct hostile_targets *targets) {
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, name) == 0) return acts[i].act(targets);
    return -1;
}
