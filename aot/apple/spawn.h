/*
 * Starting programs on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SPAWN_H
#define VSP_APPLE_SPAWN_H

#include "signal.h"
#include "sys/types.h"

#define POSIX_SPAWN_SETSIGMASK 0x0008

typedef void *posix_spawnattr_t, *posix_spawn_file_actions_t;

int posix_spawnattr_init(posix_spawnattr_t *attributes);
int posix_spawnattr_destroy(posix_spawnattr_t *attributes);
int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags);
int posix_spawnattr_setsigmask(posix_spawnattr_t *attributes, const sigset_t *mask);
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions);
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int file);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int file, int as);
int posix_spawn_file_actions_addopen(
        posix_spawn_file_actions_t *actions, int file, const char *path, int flags, mode_t mode);
int posix_spawnp(pid_t *process, const char *program, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]);

#endif
