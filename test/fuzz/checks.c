/*
 * Checks of accepted modules, see checks.h.
 */
#include "checks.h"

#include "frontend/asm/assembler.h"
#include "frontend/disasm/disassembler.h"
#include "frontend/silc/silc.h"
#include "fuzz.h"
#include "ir/live.h"
#include "runtime/base/alloc.h"

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

void check_accepted(const vsp_module_data *m, const uint8_t *bytes, size_t size)
{
	check_written(m, bytes, size);
	for (uint32_t f = 0; f < m->func_count; f++)
		check_function(m, f);
	check_look_ups(m);
	check_disassembly(m, bytes, size);
}
