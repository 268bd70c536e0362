/*
 * A folder on the disk that a test grants to the program: descriptor 3, and read-only as 4. Beside
 * it there is a folder that was not granted, with a secret in it. Each test runs with both ways to
 * resolve paths.
 */
#ifndef VSP_TEST_WASI_FOLDER_H
#define VSP_TEST_WASI_FOLDER_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wasi_support.h"

enum { DIR_FD = 3, RO_FD = 4 };
enum { O_CREATE = 1, O_FOLDER = 2, O_NEW = 4, O_CUT = 8 };
static const int64_t ALL = (1 << 30) - 1;

static struct {
	char base[64], granted[96];
} folder;

static inline void in_base(const char *command)
{
	char line[512];
	snprintf(line, sizeof line, "cd %s && %s", folder.base, command);
	assert_int_equal(system(line), 0);
}

static inline int folder_setup(bool by_hand)
{
	strcpy(folder.base, "/tmp/vsp_wasi_XXXXXX");
	assert_non_null(mkdtemp(folder.base));
	snprintf(folder.granted, sizeof folder.granted, "%s/granted", folder.base);
	in_base("mkdir granted outside && echo secret > outside/secret");
	vsp_wasi_preopen preopens[2] = {
	        {sizeof *preopens, 0, folder.granted, "/data"}, {sizeof *preopens, 1, folder.granted, "ro"}};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.capabilities = VSP_CAP_STDIO | VSP_CAP_CLOCK;
	config.preopens = preopens;
	config.preopen_count = 2;
	vsp_file_resolve_by_hand(by_hand);
	wasi_open(&config);
	return 0;
}

static inline int setup_call(void **state)
{
	(void)state;
	return folder_setup(false);
}

static inline int setup_by_hand(void **state)
{
	(void)state;
	return folder_setup(true);
}

static inline int folder_teardown(void **state)
{
	char line[128];
	(void)state;
	wasi_close();
	vsp_file_resolve_by_hand(false);
	snprintf(line, sizeof line, "rm -rf %s", folder.base);
	return system(line);
}

/* Opens, and returns the descriptor or minus the error. */
static inline int64_t open_at(int64_t fd, const char *path, int flags, int64_t rights, bool follow)
{
	uint32_t result = room(4);
	int wrong = CALL(path_open, fd, follow, TEXT(path), flags, rights, rights, 0, result);
	return wrong ? -wrong : (int64_t)get(result, 4);
}

static inline int64_t opened(const char *path, int flags)
{
	int64_t fd = open_at(DIR_FD, path, flags, ALL, true);
	if (fd < 0)
		print_error("opening %s: %d\n", path, (int)-fd);
	assert_true(fd > 3);
	return fd;
}

static inline void write_text(int64_t fd, const char *text)
{
	uint32_t done = room(4);
	WORKS(fd_write, fd, vector(put(text), (uint32_t)strlen(text)), 1, done);
	assert_int_equal(get(done, 4), strlen(text));
}

/* What a read of at most 64 bytes gives. */
static inline const char *read_text(int64_t fd)
{
	uint32_t done = room(4), p = room(65);
	WORKS(fd_read, fd, vector(p, 64), 1, done);
	at(p)[get(done, 4)] = 0;
	return (const char *)at(p);
}

#define TWICE(name) \
	{#name, name, setup_call, folder_teardown, NULL}, \
	{ \
		#name " by hand", name, setup_by_hand, folder_teardown, NULL \
	}

#endif
