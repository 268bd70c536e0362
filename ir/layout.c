/*
 * The offsets of a module's parts in its file, found by walking through the tables. Only errors and
 * the writer need them, so nothing is stored.
 */
#include "layout.h"

#include <string.h>

enum { SECTION_HEADER = 8 };

uint64_t vsp_layout_symbol_size(const vsp_module_data *m)
{
	if (!m->symbol_count && !m->symbols_stored)
		return 0;
	return vsp_layout_symbol(m, m->symbol_count) - vsp_layout_symbols(m);
}

uint64_t vsp_layout_data(const vsp_module_data *m) { return VSP_SILC_HEADER + vsp_layout_pad(m->code_size); }

uint64_t vsp_layout_symbols(const vsp_module_data *m) { return vsp_layout_data(m) + vsp_layout_pad(m->data_size); }

uint64_t vsp_layout_sections(const vsp_module_data *m)
{
	return vsp_layout_symbols(m) + vsp_layout_pad(vsp_layout_symbol_size(m));
}

uint64_t vsp_layout_symbol(const vsp_module_data *m, uint32_t i)
{
	uint64_t at = vsp_layout_symbols(m) + 4;
	for (uint32_t s = 0; s < i; s++)
		at += 7 + strlen(m->symbols[s].name); /* u16 length, u32 address, u8 kind */
	return at;
}

/* Finds a section and the offset of its payload. */
static const vsp_section *find_section(const vsp_module_data *m, const char *tag, uint64_t *offset)
{
	*offset = vsp_layout_sections(m);
	for (uint32_t i = 0; i < m->section_count; i++) {
		const vsp_section *s = &m->sections[i];
		if (memcmp(s->tag, tag, sizeof s->tag) == 0) {
			*offset += SECTION_HEADER;
			return s;
		}
		*offset += SECTION_HEADER + vsp_layout_pad(s->size);
	}
	return NULL;
}

uint64_t vsp_layout_section(const vsp_module_data *m, const char *tag)
{
	uint64_t at;
	find_section(m, tag, &at);
	return at;
}

uint64_t vsp_layout_import(const vsp_module_data *m, uint32_t i)
{
	uint64_t at = vsp_layout_section(m, "IMPT") + 4;
	for (uint32_t n = 0; n < i; n++)
		at += 4 + strlen(m->imports[n].name); /* u16 length, u8 params, u8 results */
	return at;
}

uint64_t vsp_layout_file(const vsp_module_data *m, uint32_t i)
{
	uint64_t at = vsp_layout_section(m, "LINE") + 4;
	for (uint32_t n = 0; n < i; n++)
		at += 2 + strlen(m->files[n]);
	return at;
}

/*
 * A row is four LEB128 numbers, each of which ends with a byte whose high bit is 0; their lengths
 * are not stored.
 */
uint64_t vsp_layout_line(const vsp_module_data *m, uint32_t row)
{
	uint64_t payload, at = vsp_layout_file(m, m->file_count) + 4;
	const vsp_section *s = find_section(m, "LINE", &payload);
	for (uint64_t numbers = 4 * (uint64_t)row; s && numbers && at - payload < s->size; at++)
		numbers -= !(s->payload[at - payload] & 0x80);
	return at;
}

uint64_t vsp_layout_model(const vsp_module_data *m, uint32_t i)
{
	uint64_t at = vsp_layout_section(m, "MODL") + 4;
	for (uint32_t n = 0; n < i; n++)
		at += 6 + strlen(m->models[n].name) + m->models[n].size; /* u16 length, u32 size */
	return at;
}

uint64_t vsp_layout_payload(const vsp_module_data *m, const char *tag, const uint8_t *at)
{
	uint64_t offset;
	const vsp_section *s = find_section(m, tag, &offset);
	return s ? offset + (uint64_t)(at - s->payload) : offset;
}
