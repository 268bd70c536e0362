/*
 * The ends of processes on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_WAIT_H
#define VSP_APPLE_SYS_WAIT_H

#include "types.h"

#define WNOHANG 1
#define WTERMSIG(status) ((status) & 0177)
#define WEXITSTATUS(status) ((status) >> 8 & 0377)
#define WIFEXITED(status) (WTERMSIG(status) == 0)
#define WIFSIGNALED(status) (WTERMSIG(status) != 0 && WTERMSIG(status) != 0177)

pid_t waitpid(pid_t process, int *status, int options);

#endif
