// libseccomp, and the two Landlock calls that glibc has no functions for.
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint32_t shim_KILL = SCMP_ACT_KILL_PROCESS;
static const uint32_t shim_ALLOW = SCMP_ACT_ALLOW;
static const uint32_t shim_ENOTTY = SCMP_ACT_ERRNO(ENOTTY);
static const uint32_t shim_EACCES = SCMP_ACT_ERRNO(EACCES);
static const uint32_t shim_ENOSYS = SCMP_ACT_ERRNO(ENOSYS);
static const uint64_t shim_CLONE_THREAD = 0x00010000;

static inline int shim_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/// The kernel's Landlock version, 0 where there is none.
static inline int shim_landlock_version(void) {
    long version = syscall(444 /* landlock_create_ruleset */, NULL, 0, 1u /* LANDLOCK_CREATE_RULESET_VERSION */);
    return version > 0 ? (int)version : 0;
}

/// Leaves this thread and its children no path, no TCP port, no abstract socket and no signal to anybody outside, as
/// far as the kernel's version knows these; 0 when it is so. The structure is that of version 6, of which an older
/// kernel is given the part that it knows.
static inline int shim_landlock_nothing(int version) {
    struct {
        uint64_t files, ports, scopes;
    } handled = {
        .files = (1ull << (version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13)) - 1,
        .ports = version >= 4 ? 3 /* bind, connect */ : 0,
        .scopes = version >= 6 ? 3 /* abstract sockets, signals */ : 0,
    };
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    long rules = syscall(444, &handled, size, 0);
    if (rules < 0) return -1;
    long result = syscall(446 /* landlock_restrict_self */, rules, 0);
    close((int)rules);
    return result == 0 ? 0 : -1;
}

static inline int shim_allow_threads_only(scmp_filter_ctx filter) {
    struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, 0x00010000 /* CLONE_THREAD */, 0x00010000);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
}

static inline int shim_allow_thread_names_only(scmp_filter_ctx filter) {
    struct scmp_arg_cmp name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, &name);
}

/// Lowers a limit for good: RLIMIT_AS, RLIMIT_CPU, RLIMIT_FSIZE or RLIMIT_CORE.
static inline int shim_lower_limit(int which, uint64_t value) {
    struct rlimit now;
    if (getrlimit((unsigned)which, &now) != 0) return -1;
    if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max) value = now.rlim_max;
    // Processor time ends with SIGXCPU, which says why; SIGKILL comes two seconds later.
    rlim_t most = which == RLIMIT_CPU && now.rlim_max - 2 > value ? value + 2 : value;
    struct rlimit lower = {.rlim_cur = value, .rlim_max = most};
    return setrlimit((unsigned)which, &lower);
}
static const int shim_RLIMIT_AS = RLIMIT_AS, shim_RLIMIT_CPU = RLIMIT_CPU, shim_RLIMIT_FSIZE = RLIMIT_FSIZE,
                 shim_RLIMIT_CORE = RLIMIT_CORE, shim_RLIMIT_NOFILE = RLIMIT_NOFILE;

/// A write beyond the file size limit becomes an error instead of a signal.
static inline void shim_ignore_file_size_signal(void) { signal(SIGXFSZ, SIG_IGN); signal(SIGPIPE, SIG_IGN); }
