/*
 * Writing a .silc file and encoding the known sections. Every encoder runs twice, first without a
 * buffer to find the size and then into memory of exactly that size, so sizes are never computed by
 * a second set of formulas.
 */
#include <string.h>

#include "ir/layout.h"
#include "runtime/base/alloc.h"
#include "runtime/base/leb128.h"
#include "parts.h"

typedef struct sink {
	uint8_t *out; /* null: only count */
	uint64_t size;
} sink;

static void put_uint(sink *s, uint64_t value, unsigned bytes)
{
	if (s->out)
		vsp_write_le(s->out + s->size, value, bytes);
	s->size += bytes;
}

static void put_bytes(sink *s, const void *bytes, size_t size)
{
	if (s->out && size)
		memcpy(s->out + s->size, bytes, size);
	s->size += size;
}

static void put_padding(sink *s) { put_uint(s, 0, (unsigned)(vsp_layout_pad(s->size) - s->size)); }

static void put_name(sink *s, const char *name)
{
	size_t length = strlen(name);
	put_uint(s, length, 2);
	put_bytes(s, name, length);
}

static void put_uleb(sink *s, uint64_t value)
{
	uint8_t bytes[VSP_LEB128_MOST];
	put_bytes(s, bytes, vsp_uleb128_write(bytes, value));
}

static void put_sleb(sink *s, int64_t value)
{
	uint8_t bytes[VSP_LEB128_MOST];
	put_bytes(s, bytes, vsp_sleb128_write(bytes, value));
}

static void put_func(sink *s, const vsp_module_data *m)
{
	for (uint32_t i = 0; i < m->func_count; i++) {
		const vsp_func *f = &m->funcs[i];
		put_uint(s, f->start, 4);
		put_uint(s, f->size, 4);
		put_uint(s, f->symbol, 4);
		put_uint(s, f->params, 1);
		put_uint(s, f->results, 1);
		put_uint(s, f->kind, 1);
		put_uint(s, f->flags, 1);
	}
}

static void put_memo(sink *s, const vsp_module_data *m)
{
	put_uint(s, m->initial_pages, 4);
	put_uint(s, m->max_pages, 4);
	put_uint(s, m->stack_top, 4);
}

static void put_impt(sink *s, const vsp_module_data *m)
{
	put_uint(s, m->import_count, 4);
	for (uint32_t i = 0; i < m->import_count; i++) {
		put_name(s, m->imports[i].name);
		put_uint(s, m->imports[i].params, 1);
		put_uint(s, m->imports[i].results, 1);
	}
}

static void put_line(sink *s, const vsp_module_data *m)
{
	static const vsp_line zero;
	const vsp_line *before = &zero;
	put_uint(s, m->file_count, 4);
	for (uint32_t i = 0; i < m->file_count; i++)
		put_name(s, m->files[i]);
	put_uint(s, m->line_count, 4);
	for (uint32_t i = 0; i < m->line_count; before = &m->lines[i++]) {
		put_uleb(s, m->lines[i].address - before->address);
		put_uleb(s, m->lines[i].file);
		put_sleb(s, m->lines[i].line - before->line);
		put_uleb(s, m->lines[i].column);
	}
}

static void put_modl(sink *s, const vsp_module_data *m)
{
	put_uint(s, m->model_count, 4);
	for (uint32_t i = 0; i < m->model_count; i++) {
		put_name(s, m->models[i].name);
		put_uint(s, m->models[i].size, 4);
		put_bytes(s, m->models[i].data, m->models[i].size);
	}
}

static vsp_status no_memory(vsp_error *error) { return vsp_error_set(error, VSP_E_MEMORY, "out of memory"); }

static vsp_status build(const vsp_module_data *m, const char *tag, void (*put)(sink *, const vsp_module_data *),
        vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	sink s = {0};
	put(&s, m);
	if (s.size > UINT32_MAX)
		return vsp_error_set(error, VSP_E_FORMAT, "section %s would have 4 GiB or more", tag);
	memcpy(section->tag, tag, sizeof section->tag);
	section->size = (uint32_t)s.size;
	s = (sink){.out = vsp_arena_alloc(arena, section->size)};
	section->payload = s.out;
	if (!s.out)
		return no_memory(error);
	put(&s, m);
	return VSP_OK;
}

vsp_status vsp_silc_build_func(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	return build(m, "FUNC", put_func, arena, section, error);
}

vsp_status vsp_silc_build_memo(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	return build(m, "MEMO", put_memo, arena, section, error);
}

vsp_status vsp_silc_build_impt(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	return build(m, "IMPT", put_impt, arena, section, error);
}

vsp_status vsp_silc_build_line(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	for (uint32_t i = 0; i < m->file_count; i++)
		if (strlen(m->files[i]) > UINT16_MAX)
			return vsp_error_set(error, VSP_E_FORMAT, "a file name has more than %d bytes", UINT16_MAX);
	return build(m, "LINE", put_line, arena, section, error);
}

vsp_status vsp_silc_build_modl(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error)
{
	return build(m, "MODL", put_modl, arena, section, error);
}

static void put_symbols(sink *s, const vsp_module_data *m)
{
	if (!m->symbol_count && !m->symbols_stored)
		return;
	put_uint(s, m->symbol_count, 4);
	for (uint32_t i = 0; i < m->symbol_count; i++) {
		put_name(s, m->symbols[i].name);
		put_uint(s, m->symbols[i].address, 4);
		put_uint(s, m->symbols[i].kind, 1);
	}
}

static void put_file(sink *s, const vsp_module_data *m)
{
	put_bytes(s, "SILC", 4);
	put_uint(s, vsp_module_version(m), 2);
	put_uint(s, m->mode, 2);
	put_uint(s, m->code_size, 4);
	put_uint(s, m->data_size, 4);
	put_uint(s, vsp_layout_symbol_size(m), 4);
	put_uint(s, m->entry, 4);
	put_uint(s, 0, 8); /* the checksum, once the rest is there */
	put_bytes(s, m->code, m->code_size);
	put_padding(s);
	put_bytes(s, m->data, m->data_size);
	put_padding(s);
	put_symbols(s, m);
	put_padding(s);
	for (uint32_t i = 0; i < m->section_count; i++) {
		put_bytes(s, m->sections[i].tag, sizeof m->sections[i].tag);
		put_uint(s, m->sections[i].size, 4);
		put_bytes(s, m->sections[i].payload, m->sections[i].size);
		put_padding(s);
	}
}

uint8_t *vsp_silc_write(const vsp_module_data *m, size_t *size, vsp_error *error)
{
	sink s = {0};
	put_file(&s, m);
	if (vsp_layout_symbol_size(m) > UINT32_MAX || s.size > SIZE_MAX) {
		vsp_error_set(error, VSP_E_FORMAT, "the module is too large for a file");
		return NULL;
	}
	*size = (size_t)s.size;
	s = (sink){.out = vsp_alloc(*size, 1)};
	if (!s.out) {
		no_memory(error);
		return NULL;
	}
	put_file(&s, m);
	vsp_write_le(s.out + VSP_AT_CHECKSUM, vsp_silc_checksum(s.out, *size), 8);
	return s.out;
}
