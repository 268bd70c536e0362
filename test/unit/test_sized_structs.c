/*
 * Public structs of callers that are older or newer than the library: nothing beyond a struct's
 * stated size is written or read, whatever the size. Structs that are read end at a page that
 * cannot be touched; structs that are written are followed by canaries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

enum { BEHIND = 64, CANARY = 0xA5, ROOM = 4096, ALIGNED = 8 };

static const char source[] = ".export twice\n.func main() -> 0\n	RET\n.end\n"
                             ".func twice(1) -> 1\n	ADD R0, R0, R0\n	RET\n.end\n"
                             ".export fails\n.func fails(0) -> 0\n	TRAP 7\n.end\n";
static vsp_module *module;
static vsp_instance *instance;

static int setup(void **state)
{
	(void)state;
	vsp_config config = VSP_CONFIG_INIT;
	module = vsp_assemble(source, sizeof source - 1, NULL, NULL);
	config.sync_compile = 1;
	config.tier1_threshold = 1;
	config.profile = VSP_PROFILE_CALLS;
	config.observe = VSP_OBSERVE_PASSES;
	instance = vsp_instantiate(module, &config, NULL);
	int64_t n = 1;
	return !instance || vsp_call(instance, "twice", &n, &n, NULL) != VSP_OK ||
	       vsp_call(instance, "twice", &n, &n, NULL) != VSP_OK;
}

static int teardown(void **state)
{
	(void)state;
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

/* ---- structs that are written ---- */

static void write_state(void *to) { vsp_state(instance, to); }
static void write_stats(void *to) { vsp_stats(instance, to); }
static void write_function_stats(void *to) { vsp_stats_function(instance, 1, to); }
static void write_tier_stats(void *to) { vsp_stats_tier(instance, 1, 1, to); }
static void write_pass_stats(void *to) { vsp_stats_pass(instance, 0, to); }
static void write_function(void *to) { vsp_module_function(module, 1, to); }
static void write_found(void *to) { vsp_module_find(module, "twice", to); }

static void error_of_trap(void *to) { vsp_call(instance, "fails", NULL, NULL, to); }
static void error_of_call(void *to) { vsp_call(instance, "no such function", NULL, NULL, to); }
static void error_of_nothing(void *to) { vsp_reset(instance, to); }
static void error_of_source(void *to) { vsp_module_free(vsp_assemble("FOO", 3, NULL, to)); }
static void error_of_file(void *to) { vsp_module_free(vsp_module_load("SILC", 4, to)); }
static void error_of_loading(void *to)
{
	vsp_instance *own = vsp_new_interpreted();
	vsp_load(own, "SILC", 4, to);
	vsp_load_file(own, "there is no such file", to);
	vsp_load_bytes(own, "\x07", 1, NULL, 0, to);
	vsp_free(own);
}
static void error_of_aot(void *to) { vsp_aot_compile(module, "out.unknown", NULL, 0, to); }
static void error_of_writing(void *to)
{
	vsp_emit_llvm(instance, "/no such folder/x", to);
	vsp_trace_write(instance, "/no such folder/x", to);
	vsp_profile_write(instance, "/no such folder/x", to);
}
static void error_of_config(void *to)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = 9;
	vsp_free(vsp_instantiate(module, &config, to));
}

static const struct written {
	void (*fill)(void *to);
	size_t size;
} written[] = {
        {write_state, sizeof(vsp_state_view)},
        {write_stats, sizeof(vsp_stats_view)},
        {write_function_stats, sizeof(vsp_function_stats)},
        {write_tier_stats, sizeof(vsp_tier_stats)},
        {write_pass_stats, sizeof(vsp_pass_stats)},
        {write_function, sizeof(vsp_function_info)},
        {write_found, sizeof(vsp_function_info)},
        {error_of_trap, sizeof(vsp_error)},
        {error_of_call, sizeof(vsp_error)},
        {error_of_nothing, sizeof(vsp_error)},
        {error_of_source, sizeof(vsp_error)},
        {error_of_file, sizeof(vsp_error)},
        {error_of_loading, sizeof(vsp_error)},
        {error_of_aot, sizeof(vsp_error)},
        {error_of_writing, sizeof(vsp_error)},
        {error_of_config, sizeof(vsp_error)},
};

/* Every size of small structs; of errors those around the fields and every 61st. */
static bool is_tried(const struct written *w, size_t size)
{
	return w->size < 512 || size < 24 || size % 61 == 0 || size + 80 > w->size ||
	       (size >= offsetof(vsp_error, file) - 2 && size < offsetof(vsp_error, file) + 2) ||
	       (size >= offsetof(vsp_error, line) - 2 && size < offsetof(vsp_error, trace) + 2);
}

static void nothing_is_written_behind_a_struct(void **state)
{
	(void)state;
	_Alignas(max_align_t) static unsigned char room[ROOM];
	for (size_t i = 0; i < sizeof written / sizeof *written; i++)
		for (size_t size = 0; size <= written[i].size + BEHIND / 2; size++) {
			if (!is_tried(&written[i], size))
				continue;
			uint32_t said = (uint32_t)size;
			size_t kept = size < sizeof said ? sizeof said : size; /* who says a size has room for it */
			memset(room, CANARY, sizeof room);
			memset(room, 0, kept);
			memcpy(room, &said, sizeof said);
			written[i].fill(room);
			assert_memory_equal(room, &said, sizeof said);
			for (size_t at = kept; at < kept + BEHIND; at++)
				if (room[at] != CANARY)
					fail_msg("struct %zu of %zu bytes: byte %zu was written", i, size, at);
		}
}

/* Fields that are there are filled as ever, those that are not do not matter. */
static void a_short_error_says_what_fits(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	memset(&error.file, CANARY, sizeof error.file);
	error.size = offsetof(vsp_error, file);
	assert_int_equal(vsp_call(instance, "fails", NULL, NULL, &error), VSP_TRAPPED);
	assert_int_equal(error.code, VSP_TRAPPED);
	assert_non_null(strstr(error.message, "TRAP"));
	assert_int_equal((unsigned char)error.file[0], CANARY);
	assert_int_equal(error.size, offsetof(vsp_error, file));
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
	assert_int_equal(error.code, VSP_OK);
	assert_int_equal(error.message[0], 0);
}

/* ---- structs that are read ---- */

/* The first size bytes of a struct, ending where nothing can be read. */
static unsigned char *at_the_edge(unsigned char *page, const void *from, size_t size)
{
	unsigned char *at = page + vsp_plat_page_size() - (size < ALIGNED ? ALIGNED : size);
	uint32_t said = (uint32_t)size;
	memcpy(at, from, size);
	memcpy(at, &said, sizeof said);
	return at;
}

static void nothing_is_read_behind_a_struct(void **state)
{
	(void)state;
	size_t page_size = vsp_plat_page_size();
	unsigned char *page = vsp_plat_reserve(2 * page_size);
	if (!page || !vsp_plat_commit(page, page_size))
		skip();
	const vsp_config config = VSP_CONFIG_INIT;
	const vsp_source_options options = VSP_SOURCE_INIT;
	const char *const args[] = {"one"};
	const vsp_host host = {.size = sizeof host, .arg_count = 1, .args = args};
	for (size_t size = 0; size <= sizeof config; size += ALIGNED) {
		vsp_instance *own = vsp_instantiate(module, (void *)at_the_edge(page, &config, size), NULL);
		assert_non_null(own);
		vsp_free(own);
	}
	for (size_t size = 0; size <= sizeof options; size += ALIGNED)
		vsp_module_free(
		        vsp_assemble(source, sizeof source - 1, (void *)at_the_edge(page, &options, size), NULL));
	for (size_t size = ALIGNED; size <= sizeof host; size += ALIGNED)
		assert_int_equal(vsp_set_host(instance, (void *)at_the_edge(page, &host, size)), VSP_OK);
	vsp_plat_release(page, 2 * page_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_written_behind_a_struct),
	        cmocka_unit_test(a_short_error_says_what_fits),
	        cmocka_unit_test(nothing_is_read_behind_a_struct),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
