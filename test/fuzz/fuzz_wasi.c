/*
 * Fuzz target: calls of WASI functions with any parameters and memory, in a folder of their own.
 * Every call must return an errno, change nothing outside the folder, and leave the host's
 * descriptors as they were. Nothing waits: the streams are closed and no clock is granted.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

enum { ROOM = 0x4000, NULL_ZONE = 0x10000, CALLS = 64, MOST_ERRNO = 76 };

static char base[] = "/tmp/vsp_fuzz_wasi_XXXXXX", granted[64], secret[64];

static void clean(void)
{
	char line[96];
	snprintf(line, sizeof line, "rm -rf %s", base);
	if (system(line) != 0)
		return;
}

/* Files stay small, and a write that would make a large one fails. */
static void prepare_once(void)
{
	static bool prepared;
	const struct rlimit small = {1 << 20, 1 << 20};
	if (prepared)
		return;
	prepared = true;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK(mkdtemp(base));
	atexit(clean);
	snprintf(granted, sizeof granted, "%s/granted", base);
	snprintf(secret, sizeof secret, "%s/secret", base);
	FILE *f = fopen(secret, "w");
	CHECK(f && fputs("secret", f) >= 0 && fclose(f) == 0);
	CHECK(chmod(secret, 0400) == 0);
}

static void fresh_folder(void)
{
	char line[256];
	snprintf(line, sizeof line, "%s/d", granted);
	if (access(line, F_OK) == 0 && unlink(line) != 0 && rmdir(line) != 0) {
		snprintf(line, sizeof line, "rm -rf %s", granted);
		CHECK(system(line) == 0);
	}
	mkdir(granted, 0777);
	snprintf(line, sizeof line, "%s/out", granted);
	if (symlink("../secret", line) != 0)
		CHECK(access(granted, F_OK) == 0); /* it is there still */
}

static const char *const names[] = {"a", "d", "out", "..", "../secret", "d/f", "/", "out/", "d/../..", "./a", "d/"};
enum { NAMES = sizeof names / sizeof *names, NAME_ROOM = 16, NAMES_AT = 0x100 };

/* Memory: names, a vector, and the input's own bytes. */
static void fill_memory(uint8_t *memory, fuzz_input *in)
{
	const uint8_t *bytes;
	for (unsigned i = 0; i < NAMES; i++)
		memcpy(memory + NULL_ZONE + NAMES_AT + i * NAME_ROOM, names[i], strlen(names[i]));
	vsp_write_le(memory + NULL_ZONE + 8, 0x400, 4);
	vsp_write_le(memory + NULL_ZONE + 12, 32, 4);
	size_t n = fuzz_bytes(in, &bytes, 64);
	if (n) /* else there may be no bytes to point to */
		memcpy(memory + NULL_ZONE + 0x400, bytes, n);
}

/* A parameter of a kind: mostly one that leads somewhere. */
static int64_t choose(fuzz_input *in, char letter, int64_t *name)
{
	if (fuzz_below(in, 16) == 0)
		return (int64_t)fuzz_number(in, 8);
	switch (letter) {
	case 'd': return fuzz_below(in, 8);
	case 'p': *name = fuzz_below(in, NAMES); return NAMES_AT + *name * NAME_ROOM;
	case 'n': return *name >= 0 ? (int64_t)strlen(names[*name]) : fuzz_below(in, 8);
	case 'v': return 8 * fuzz_below(in, 4);
	case 'i': return fuzz_below(in, 32);
	case 'l': return fuzz_below(in, 2) ? (1 << 30) - 1 : fuzz_below(in, 4096);
	default: return 0x400 + fuzz_below(in, ROOM - 0x400);
	}
}

static void call(vsp_wasi *wasi, vsp_caller *caller, fuzz_input *in)
{
	unsigned index = fuzz_below(in, VSP_WASI_FUNCTIONS);
	const vsp_wasi_function *f = &vsp_wasi_functions[index];
	int64_t args[16] = {0}, results[16] = {-1}, name = -1;
	void *user;
	if (!f->results)
		return;
	for (unsigned i = 0; i < f->param_count; i++) {
		args[i] = choose(in, f->params[i], &name);
		if (f->params[i] == 'n')
			name = -1;
	}
	vsp_import_fn fn = vsp_wasi_import(wasi, index, &user);
	CHECK(fn(user, caller, args, results) == 0);
	CHECK(results[0] >= 0 && results[0] <= MOST_ERRNO);
}

static void check_outside(void)
{
	struct stat st;
	CHECK(stat(secret, &st) == 0 && st.st_size == 6 && st.st_nlink == 1 && (st.st_mode & 0777) == 0400);
	CHECK(stat(base, &st) == 0 && st.st_nlink <= 3); /* no folder but the granted one */
}

/* The lowest descriptor that is free. */
static int lowest(void)
{
	int fd = open("/dev/null", O_RDONLY);
	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_input in = {data, data + size};
	prepare_once();
	int before = lowest();
	fresh_folder();
	vsp_file_resolve_by_hand(fuzz_byte(&in) & 1);
	vsp_wasi_preopen preopens[] = {{sizeof *preopens, 0, granted, "/"}, {sizeof *preopens, 1, granted, "/ro"}};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS | VSP_CAP_RANDOM;
	config.stdio[0] = config.stdio[1] = config.stdio[2] = -1;
	config.preopens = preopens;
	config.preopen_count = 2;
	vsp_wasi *wasi = vsp_wasi_create(&config, NULL);
	vsp_rt *rt = calloc(1, sizeof *rt);
	uint8_t *memory = calloc(1, NULL_ZONE + ROOM);
	CHECK(wasi && rt && memory);
	rt->caller = (vsp_caller){.memory = memory, .memory_size = NULL_ZONE + ROOM};
	fill_memory(memory, &in);
	for (int i = 0; i < CALLS && in.at < in.end; i++)
		call(wasi, &rt->caller, &in);
	vsp_wasi_destroy(wasi);
	free(memory);
	free(rt);
	check_outside();
	CHECK(lowest() == before);
	return 0;
}
