// What a helper that is somebody else's by now would try. Every function answers 0 when it got through, and an errno
// when it was refused; being killed on the way is an answer too.
#ifndef CHOSTILE_ACTS_H
#define CHOSTILE_ACTS_H

/// What it may try it on.
struct hostile_targets {
    /// A process of the same user outside.
    int victim;
    /// A file of another job.
    const char *file;
    /// A directory that belongs to the worker.
    const char *directory;
    /// A TCP port on 127.0.0.1 that somebody listens on.
    int port;
};

/// Names of all acts, one after another; NULL behind the last.
const char *hostile_act_name(int number);

/// Does the act of this name; -1 when there is none.
int hostile_act(const char *name, const struct hostile_targets *targets);

#endif
