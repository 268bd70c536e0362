/*
 * Fuzz target: the reader of profiles. The first half of the bytes decides on a program, the rest
 * is the text, after a correct head or without one. An accepted profile gives counts of blocks, and
 * is written and read back the same.
 */
#include "frontend/silc/silc.h"
#include "ir/profile_text.h"
#include "program.h"
#include "runtime/base/alloc.h"

enum { HASH = 0x1234 };

static void check_counts(const vsp_profile *profile)
{
	for (uint32_t f = 0; f < profile->module->func_count; f++) {
		const vsp_func_profile *counted = vsp_profile_known(profile, f);
		vsp_arena arena = VSP_ARENA_INIT;
		vsp_cfg cfg;
		if (!counted)
			continue;
		CHECK(vsp_cfg_build(&cfg, profile->module, f, &arena));
		uint64_t *blocks = vsp_arena_array(&arena, cfg.block_count, sizeof *blocks);
		bool *cold = vsp_arena_array(&arena, cfg.block_count, sizeof *cold);
		CHECK(blocks && cold);
		CHECK(vsp_profile_blocks(counted, &cfg, blocks) && vsp_profile_cold(counted, &cfg, cold));
		vsp_arena_free(&arena);
	}
}

static char *write(const vsp_profile *profile, size_t *length)
{
	char *text = vsp_profile_write_text(profile, HASH, length);
	CHECK(text);
	return text;
}

static void check_text(const vsp_module_data *m, const vsp_profile *profile)
{
	size_t length, again_length;
	char *text = write(profile, &length);
	vsp_profile *other = vsp_profile_create(m);
	CHECK(other && vsp_profile_read_text(other, HASH, text, length, NULL) == VSP_OK);
	char *again = write(other, &again_length);
	CHECK(again_length == length && memcmp(again, text, length) == 0);
	vsp_free_memory(again);
	vsp_free_memory(text);
	vsp_profile_destroy(other);
}

static void read(const vsp_module_data *m, const char *text, size_t length)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_profile *profile = vsp_profile_create(m);
	CHECK(profile);
	vsp_status status = vsp_profile_read_text(profile, HASH, text, length, &error);
	CHECK(status == VSP_OK || ((status == VSP_E_FORMAT || status == VSP_E_ARGUMENT) && error.message[0]));
	if (status == VSP_OK) {
		check_counts(profile);
		check_text(m, profile);
	}
	vsp_profile_destroy(profile);
}

/* The two lines of head of an empty profile, and then the text. */
static void read_behind_head(const vsp_module_data *m, const char *text, size_t length)
{
	size_t whole;
	vsp_profile *empty = vsp_profile_create(m);
	CHECK(empty);
	char *head = write(empty, &whole), *end = strstr(head, "end ");
	CHECK(end);
	size_t size = (size_t)(end - head);
	char *all = malloc(size + length + 1);
	CHECK(all);
	memcpy(all, head, size);
	if (length)
		memcpy(all + size, text, length);
	read(m, all, size + length);
	free(all);
	vsp_free_memory(head);
	vsp_profile_destroy(empty);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_input in = {data, data + size / 2};
	silc_bytes file = fuzz_program(&in);
	vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
	CHECK(m);
	const char *text = size ? (const char *)data + size / 2 : "";
	read_behind_head(m, text, size - size / 2);
	read(m, text, size - size / 2);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
	return 0;
}
