/*
 * libFuzzer target: any bytes given to the reader. The checksum is made right first, or the fuzzer would never get past it. What is
 * accepted must be written back byte for byte, be analysed, and survive disassembly and reassembly to the identical bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/assembler.h"
#include "frontend/disassembler.h"
#include "frontend/silc.h"
#include "ir/layout.h"
#include "ir/live.h"
#include "runtime/alloc.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const vsp_module_data *m, const uint8_t *bytes, size_t size)
{
	size_t again_size;
	uint8_t *again = vsp_silc_write(m, &again_size, NULL);
	CHECK(again && again_size == size && memcmp(again, bytes, size) == 0);
	vsp_free_memory(again);
}

static void check_function(const vsp_module_data *m, uint32_t f)
{
	vsp_arena arena = VSP_ARENA_INIT;
	vsp_cfg cfg;
	vsp_live live;
	CHECK(vsp_cfg_build(&cfg, m, f, &arena));
	uint32_t at = m->funcs[f].start;
	for (uint32_t b = 0; b < cfg.block_count; b++) {
		CHECK(cfg.blocks[b].start == at && cfg.blocks[b].count > 0);
		CHECK(vsp_cfg_block_at(&cfg, at) == b);
		at = cfg.blocks[b].end;
	}
	CHECK(at == m->funcs[f].start + m->funcs[f].size);
	for (int precise = VSP_LIVE_LAX; precise <= VSP_LIVE_BLOCKS; precise++)
		CHECK(vsp_live_build(&live, &cfg, precise & 1, precise, &arena));
	vsp_arena_free(&arena);
}

static void check_look_ups(const vsp_module_data *m)
{
	for (uint32_t f = 0; f < m->func_count; f++) {
		CHECK(vsp_module_func_at(m, m->funcs[f].start) == f);
		const char *name = vsp_module_func_name(m, f);
		if (m->funcs[f].flags & VSP_FUNC_EXPORTED && *name)
			CHECK(vsp_module_find_export(m, name) == f);
		vsp_module_line_at(m, m->funcs[f].start);
	}
	for (uint32_t s = 0; s < m->symbol_count; s++)
		CHECK(vsp_module_symbol_at(m, m->symbols[s].address, (enum vsp_symbol_kind)m->symbols[s].kind));
}

static void check_disassembly(const vsp_module_data *m, const uint8_t *bytes, size_t size)
{
	size_t length;
	char *text = vsp_disassemble(m, &length);
	CHECK(text && strlen(text) == length);
	vsp_error error = VSP_ERROR_INIT;
	vsp_assemble_options options = {.file = "disassembly.sil"};
	vsp_module_data *again = vsp_assemble_source(text, length, &options, &error);
	if (!again)
		fprintf(stderr, "%s\n%u:%u: %s\n", text, error.line, error.column, error.message);
	CHECK(again);
	check_written(again, bytes, size);
	vsp_module_data_free(again);
	vsp_free_memory(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1); /* no null pointer for no bytes */
	CHECK(bytes);
	memcpy(bytes, data, size);
	if (size >= VSP_SILC_HEADER)
		vsp_write_le(bytes + VSP_AT_CHECKSUM, vsp_silc_checksum(bytes, size), 8);
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_silc_read(bytes, size, &error);
	CHECK(m ? error.code == VSP_OK : error.code == VSP_E_FORMAT);
	if (m) {
		check_written(m, bytes, size);
		for (uint32_t f = 0; f < m->func_count; f++)
			check_function(m, f);
		check_look_ups(m);
		check_disassembly(m, bytes, size);
	} else {
		CHECK(error.message[0] && error.offset <= size);
	}
	vsp_module_data_free(m);
	free(bytes);
	return 0;
}
