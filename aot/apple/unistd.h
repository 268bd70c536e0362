/*
 * System calls on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_UNISTD_H
#define VSP_APPLE_UNISTD_H

#include "sys/types.h"

#define _SC_PAGESIZE 29
#define _SC_NPROCESSORS_ONLN 58

#define R_OK 4
#define W_OK 2
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

long sysconf(int name);
int isatty(int file);
int pause(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
pid_t getpid(void);
pid_t fork(void);
int setpgid(pid_t process, pid_t group);
_Noreturn void _exit(int status);
int close(int file);
int pipe(int ends[2]);
int dup2(int file, int as);
int fsync(int file);
int ftruncate(int file, off_t size);
off_t lseek(int file, off_t offset, int from);
ssize_t pread(int file, void *buffer, size_t size, off_t offset);
ssize_t pwrite(int file, const void *data, size_t size, off_t offset);
int unlink(const char *path);
int rmdir(const char *path);
int access(const char *path, int mode);
int faccessat(int folder, const char *path, int mode, int flags);
int linkat(int folder, const char *path, int new_folder, const char *new_path, int flags);
int symlinkat(const char *to, int folder, const char *path);
int unlinkat(int folder, const char *path, int flags);
int renameat(int folder, const char *path, int new_folder, const char *new_path);
ssize_t readlinkat(int folder, const char *restrict path, char *restrict to, size_t size);
ssize_t readlink(const char *restrict path, char *restrict to, size_t size);
ssize_t read(int file, void *buffer, size_t size);
ssize_t write(int file, const void *data, size_t size);

#endif
