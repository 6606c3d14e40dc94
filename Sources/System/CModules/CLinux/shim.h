// What Glibc's Swift module leaves out: everything behind _GNU_SOURCE. Defining that macro here breaks debug
// builds (fd_set is then seen twice), so the few functions are declared where they are used.
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static inline int shim_pipe2(int ends[2], int flags) {
    extern int pipe2(int[2], int);
    return pipe2(ends, flags);
}

static inline int shim_spawn_closefrom(posix_spawn_file_actions_t *actions, int lowest) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

static inline int shim_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to) {
    extern int renameat2(int, const char *, int, const char *, unsigned int);
    return renameat2(from_directory, from, to_directory, to, 1u /* RENAME_NOREPLACE */);
}

/// openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS (Linux 5.6): nothing above `directory`, through no link.
static inline int shim_open_beneath(int directory, const char *path, int flags) {
    extern long syscall(long, ...);
    struct {
        uint64_t flags, mode, resolve;
    } how = {(uint64_t)flags, 0, 0x08 | 0x04};
    return (int)syscall(437, directory, path, &how, sizeof how);
}

static inline int shim_cores(void) {
    extern int sched_getaffinity(int, size_t, void *);
    unsigned char mask[1024];
    for (size_t i = 0; i < sizeof mask; i++) mask[i] = 0;
    if (sched_getaffinity(0, sizeof mask, mask) != 0) return 1;
    int count = 0;
    for (size_t i = 0; i < sizeof mask; i++) count += __builtin_popcount(mask[i]);
    return count;
}

static inline int shim_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

/// Binds a stream socket to a path of at most 107 bytes.
static inline int shim_bind_unix(int fd, const char *path, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (length >= sizeof address.sun_path) return -1;
    for (size_t i = 0; i < length; i++) address.sun_path[i] = path[i];
    return bind(fd, (const struct sockaddr *)&address, sizeof address);
}

/// Connects to a path, or to an abstract name when it begins with '@' (as in NOTIFY_SOCKET).
static inline int shim_connect_unix(int fd, const char *path, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof address.sun_path) return -1;
    for (size_t i = 0; i < length; i++) address.sun_path[i] = path[i];
    if (path[0] == '@') address.sun_path[0] = 0;
    return connect(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

static inline int shim_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, 9 /* SIGKILL */, 0, 0, 0); }

#include <sys/mman.h>
static inline void *shim_map_shared(int fd, size_t bytes) {
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return start == MAP_FAILED ? NULL : start;
}
static inline int shim_memfd(const char *name) {
    extern int memfd_create(const char *, unsigned int);
    return memfd_create(name, 3u /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
}
static inline int shim_seal_size(int fd) {
    return fcntl(fd, 1033 /* F_ADD_SEALS */, 7 /* F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW */);
}

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static inline void shim_parent_is_gone(int number) {
    (void)number;
    alarm(4);
}
/// SIGUSR2 when the thread that started this process ends; SIGALRM then ends it four seconds later, busy or not.
static inline int shim_end_with_parent(void) {
    struct sigaction action = {.sa_handler = shim_parent_is_gone, .sa_flags = 0x10000000 /* SA_RESTART */};
    if (sigaction(SIGUSR2, &action, NULL) < 0) return -1;
    return prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0);
}

/// A child that has ended and was not yet reaped; 0 when there is none.
static inline pid_t shim_peek_ended(void) {
    siginfo_t info;
    info.si_pid = 0;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ? 0 : info.si_pid;
}

static inline int shim_close_from(unsigned int lowest) {
    extern int close_range(unsigned int, unsigned int, int);
    return close_range(lowest, ~0u, 0);
}

/// ioprio_set(IOPRIO_WHO_PGRP, …), which glibc does not wrap.
static inline int shim_set_io_priority(pid_t group, int priority) {
    extern long syscall(long, ...);
    return (int)syscall(SYS_ioprio_set, 2, group, priority);
}

/// The exclusive lock of one byte, owned by the open file (F_OFD_SETLKW, F_OFD_SETLK): the kernel drops it with the process.
static inline int shim_lock_byte(int fd, long at, int wanted) {
    struct flock lock = {.l_type = wanted ? F_WRLCK : F_UNLCK, .l_whence = 0, .l_start = at, .l_len = 1};
    return fcntl(fd, wanted ? 38 : 37, &lock);
}
