/*
 * Reading a .silc file: header, segments, sections, then the verifier. The bytes are copied once
 * into the module's arena, and code, data, sections and models point into the copy. All offsets are
 * 64-bit and compared with the file's size before use.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/layout.h"
#include "parts.h"

static const uint8_t magic[4] = {'S', 'I', 'L', 'C'};

uint64_t vsp_silc_checksum(const uint8_t *bytes, size_t size)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a 64: offset basis and prime */
	for (size_t i = 0; i < size; i++)
		if (i < VSP_AT_CHECKSUM || i >= VSP_SILC_HEADER)
			hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
	return hash;
}

/* The parts of the file whose sizes the header gives. */
typedef struct header {
	uint32_t code_size, data_size, symbol_size;
	unsigned version;
	uint64_t checksum;
} header;

static unsigned read_version(silc_cursor *c)
{
	if (c->end < sizeof magic || memcmp(silc_cursor_bytes(c, sizeof magic), magic, sizeof magic) != 0)
		silc_cursor_fail(c, VSP_AT_MAGIC, "not a .silc file: it does not begin with SILC");
	unsigned version = silc_cursor_u16(c), major = version >> 8, minor = version & 0xFF;
	if (version < VSP_SILC_VERSION)
		silc_cursor_fail(c, VSP_AT_VERSION,
		        "the file is of version %u.%u, whose encodings version 2 replaced: reassemble it from its "
		        "source",
		        major, minor);
	else if (version > VSP_SILC_VERSION_2_1)
		silc_cursor_fail(c, VSP_AT_VERSION, "the file is of version %u.%u, but this VSP reads 2.0 and 2.1",
		        major, minor);
	return version;
}

/* A file tells readers of version 2.0 when it is not for them, and only then. */
static vsp_status check_version(const vsp_module_data *m, unsigned version, vsp_error *error)
{
	unsigned needed = vsp_module_version(m);
	if (version == needed)
		return VSP_OK;
	return vsp_error_at(error, VSP_E_FORMAT, VSP_AT_VERSION,
	        "the file is of version %u.%u, but its contents are of %u.%u", version >> 8, version & 0xFF,
	        needed >> 8, needed & 0xFF);
}

static void read_header(silc_cursor *c, vsp_module_data *m, header *h)
{
	h->version = read_version(c);
	uint16_t mode = silc_cursor_u16(c);
	if (mode > 4)
		silc_cursor_fail(c, VSP_AT_MODE, "mode %u is not 0..4", mode);
	m->mode = (uint8_t)mode;
	h->code_size = silc_cursor_u32(c);
	h->data_size = silc_cursor_u32(c);
	h->symbol_size = silc_cursor_u32(c);
	m->entry = silc_cursor_u32(c);
	h->checksum = silc_cursor_uint(c, 8);
	if (h->code_size < 1 || h->code_size > VSP_MAX_CODE)
		silc_cursor_fail(c, VSP_AT_CODE_SIZE, "code size %" PRIu32 " is not 1..%d", h->code_size, VSP_MAX_CODE);
}

/* size bytes and their padding of zeros. */
static const uint8_t *read_padded(silc_cursor *c, uint32_t size)
{
	const uint8_t *bytes = silc_cursor_bytes(c, size);
	uint64_t start = c->at;
	unsigned padding = (unsigned)(vsp_layout_pad(c->at) - c->at);
	if (padding && silc_cursor_uint(c, padding))
		silc_cursor_fail(c, start, "padding is not zero");
	return bytes;
}

static void read_segments(silc_cursor *c, vsp_module_data *m, const header *h)
{
	c->what = "code";
	m->code = read_padded(c, h->code_size);
	m->code_size = h->code_size;
	c->what = "data";
	m->data = read_padded(c, h->data_size);
	m->data_size = h->data_size;
	c->what = "symbols";
	uint64_t place = c->at;
	const uint8_t *symbols = read_padded(c, h->symbol_size);
	if (c->status != VSP_OK || !h->symbol_size)
		return;
	silc_cursor inner = {
	        .bytes = symbols, .end = h->symbol_size, .place = place, .what = c->what, .error = c->error};
	c->status = vsp_silc_parse_symbols(m, &inner);
}

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

static void read_section_header(silc_cursor *c, vsp_section *s)
{
	uint64_t start = c->at;
	const uint8_t *tag = silc_cursor_bytes(c, sizeof s->tag);
	s->size = silc_cursor_u32(c);
	if (!tag || c->status != VSP_OK)
		return;
	memcpy(s->tag, tag, sizeof s->tag);
	for (size_t i = 0; i < sizeof s->tag; i++)
		if (!is_letter(s->tag[i]))
			silc_cursor_fail(c, start, "the tag is not four letters");
	if (!vsp_silc_known(s->tag) && !is_lower(s->tag[0]))
		silc_cursor_fail(c, start, "unknown section %.4s must be understood to run this file", s->tag);
}

static void read_section(silc_cursor *c, vsp_module_data *m, vsp_section *s, uint32_t *seen)
{
	uint64_t start = c->at;
	read_section_header(c, s);
	uint64_t place = c->at;
	s->payload = read_padded(c, s->size);
	int kind = vsp_silc_section_kind(s->tag);
	if (c->status != VSP_OK || kind < 0)
		return;
	if (*seen & UINT32_C(1) << kind)
		silc_cursor_fail(c, start, "section %.4s stands twice", s->tag);
	else
		c->status = vsp_silc_parse_section(m, s, place, c->error);
	*seen |= UINT32_C(1) << kind;
}

/* Sections up to the end of the file: their headers alone, on a copy of the cursor. */
static uint32_t count_sections(silc_cursor c)
{
	uint32_t count = 0;
	vsp_section s;
	c.error = NULL; /* the second pass reports */
	for (; c.at < c.end && c.status == VSP_OK; count++) {
		read_section_header(&c, &s);
		read_padded(&c, s.size);
	}
	return count;
}

static void read_sections(silc_cursor *c, vsp_module_data *m)
{
	uint32_t seen = 0;
	c->what = "sections";
	uint32_t count = count_sections(*c);
	m->sections = vsp_arena_array(&m->arena, count, sizeof *m->sections);
	if (!m->sections)
		silc_cursor_no_memory(c);
	for (; c->at < c->end && c->status == VSP_OK; m->section_count++)
		read_section(c, m, &m->sections[m->section_count], &seen);
}

/* Without FUNC all code is one exported function main(0) -> 0. */
static void add_implicit_main(silc_cursor *c, vsp_module_data *m)
{
	if (c->status != VSP_OK || m->funcs)
		return;
	m->funcs = vsp_arena_array(&m->arena, 1, sizeof *m->funcs);
	if (!m->funcs) {
		silc_cursor_no_memory(c);
		return;
	}
	m->funcs[0] = (vsp_func){.size = m->code_size, .symbol = VSP_NO_SYMBOL, .flags = VSP_FUNC_EXPORTED};
	m->func_count = 1;
	m->implicit_main = true;
}

/* A damaged file is reported as damaged, not by the rule that the damage broke first; a file that
   is cut short is reported as truncated. */
static void check_whole(silc_cursor *c, const header *h)
{
	uint64_t needed = vsp_layout_pad(h->code_size) + vsp_layout_pad(h->data_size) + vsp_layout_pad(h->symbol_size);
	if (c->status == VSP_OK && c->end - c->at < needed)
		silc_cursor_fail(c, c->end,
		        "truncated: code, data and symbols take %" PRIu64 " bytes, %" PRIu64 " are there", needed,
		        c->end - c->at);
	if (c->status == VSP_OK && vsp_silc_checksum(c->bytes, (size_t)c->end) != h->checksum)
		silc_cursor_fail(c, VSP_AT_CHECKSUM, "the checksum does not match: the file is damaged");
}

static vsp_status read_module(vsp_module_data *m, const uint8_t *bytes, size_t size, vsp_error *error)
{
	uint8_t *copy = vsp_arena_alloc(&m->arena, size);
	if (!copy)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory while reading a file of %zu bytes", size);
	if (size)
		memcpy(copy, bytes, size);
	silc_cursor c = {.bytes = copy, .end = size, .what = "header", .error = error};
	header h = {0};
	read_header(&c, m, &h);
	check_whole(&c, &h);
	read_segments(&c, m, &h);
	read_sections(&c, m);
	add_implicit_main(&c, m);
	if (c.status == VSP_OK)
		c.status = vsp_module_verify(m, error);
	return c.status == VSP_OK ? check_version(m, h.version, error) : c.status;
}

vsp_module_data *vsp_silc_read(const uint8_t *bytes, size_t size, vsp_error *error)
{
	vsp_module_data *m = vsp_module_data_new();
	if (!m) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	if (read_module(m, bytes, size, error) == VSP_OK)
		return m;
	vsp_module_data_free(m);
	return NULL;
}
