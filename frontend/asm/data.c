/*
 * Data: the directives that make bytes, their layout, and the bytes themselves. The data segment
 * and raw sections are streams of chunks; expressions in them may use names that are defined later.
 */
#include "asm.h"

#include <float.h>
#include <string.h>

static asm_chunk *add_chunk(asm_state *as, asm_span span, asm_chunk_kind kind)
{
	asm_stream *stream = &as->streams[as->stream];
	asm_chunk *moved = asm_grow(as, stream->chunks, stream->chunk_count, &stream->chunk_capacity, sizeof *moved);
	if (!moved)
		return NULL;
	stream->chunks = moved;
	asm_chunk *chunk = &stream->chunks[stream->chunk_count++];
	*chunk = (asm_chunk){.span = span, .kind = (uint8_t)kind, .expr = as->expr_count};
	return chunk;
}

/* Data directives stand in .data or in a raw section. */
static bool in_data(asm_state *as, asm_span name)
{
	if (!as->in_code)
		return true;
	return asm_error(as, name, NULL, "'%.*s' makes data and cannot stand in code; write .data before it",
	        (int)asm_length(name), asm_text(as, name));
}

static void parse_values(asm_state *as, asm_span name, asm_chunk_kind kind, unsigned width)
{
	if (!in_data(as, name))
		return;
	asm_chunk *chunk = add_chunk(as, name, kind);
	uint32_t stream = as->stream;
	if (!chunk)
		return;
	chunk->width = (uint8_t)width;
	do {
		if (asm_parse_expr(as) == ASM_NONE)
			break;
	} while (asm_accept(as, ','));
	chunk = &as->streams[stream].chunks[as->streams[stream].chunk_count - 1];
	chunk->exprs = as->expr_count - chunk->expr;
}

void asm_directive_ints(asm_state *as, asm_span name, unsigned width) { parse_values(as, name, ASM_INTS, width); }

void asm_directive_floats(asm_state *as, asm_span name, unsigned width) { parse_values(as, name, ASM_FLOATS, width); }

static void add_bytes(asm_state *as, asm_span span, const uint8_t *bytes, uint32_t count)
{
	asm_chunk *chunk = add_chunk(as, span, ASM_BYTES);
	if (!chunk)
		return;
	chunk->bytes = bytes;
	chunk->byte_count = count;
}

void asm_directive_string(asm_state *as, asm_span name, unsigned terminated)
{
	if (!in_data(as, name))
		return;
	do {
		uint32_t length;
		const char *bytes = asm_parse_string(as, "a string", &length);
		if (!bytes)
			return;
		add_bytes(as, name, (const uint8_t *)bytes, length + terminated);
	} while (asm_accept(as, ','));
}

void asm_directive_space(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	if (!in_data(as, name))
		return;
	uint32_t size = asm_parse_expr(as);
	if (size == ASM_NONE || (asm_accept(as, ',') && asm_parse_expr(as) == ASM_NONE))
		return;
	asm_chunk *chunk = add_chunk(as, name, ASM_SPACE);
	if (chunk) {
		chunk->expr = size;
		chunk->exprs = as->expr_count - size;
	}
}

void asm_directive_align(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	uint32_t expr = asm_parse_expr(as);
	if (expr == ASM_NONE)
		return;
	if (as->in_code) {
		asm_item *item = asm_add_item(as, name);
		if (item) {
			item->flags = ASM_ITEM_ALIGN;
			item->expr = expr;
			item->exprs = 1;
		}
		return;
	}
	asm_chunk *chunk = add_chunk(as, name, ASM_ALIGN);
	if (chunk) {
		chunk->expr = expr;
		chunk->exprs = 1;
	}
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next byte of a state, at the lexer's position: two hexadecimal digits, which the lexer does
   not read as numbers. */
static bool parse_state_byte(asm_state *as, uint8_t *byte)
{
	vsp_lexer *lexer = &as->lexer;
	while (lexer->at < lexer->size && (lexer->text[lexer->at] == ' ' || lexer->text[lexer->at] == '\t'))
		lexer->at++;
	uint32_t begin = lexer->at, end = begin;
	while (end < lexer->size && vsp_lex_name_byte((unsigned char)lexer->text[end], false))
		end++;
	int high = end - begin == 2 ? hex(lexer->text[begin]) : -1,
	    low = end - begin == 2 ? hex(lexer->text[begin + 1]) : -1;
	if (high < 0 || low < 0) {
		asm_span span = {as->file, begin, end > begin ? end : begin + (begin < lexer->size)};
		return asm_error(
		        as, span, NULL, "a state is 16 bytes of two hexadecimal digits each, such as [80, 00, ...]");
	}
	*byte = (uint8_t)(high << 4 | low);
	lexer->at = end;
	asm_advance(as);
	return true;
}

void asm_parse_state(asm_state *as)
{
	asm_span span = asm_token_span(as);
	uint8_t *bytes = vsp_arena_alloc(&as->arena, 16);
	bool in_code = as->in_code;
	uint32_t stream = as->stream;
	if (!bytes) {
		asm_out_of_memory(as);
		return;
	}
	for (int i = 0; i < 16; i++) {
		if (!parse_state_byte(as, &bytes[i]))
			return;
		if (i < 15 && !asm_at(as, ',')) {
			asm_error(as, asm_token_span(as), NULL, "a state has 16 bytes, this one has %d", i + 1);
			return;
		}
	}
	if (!asm_at(as, ']')) {
		asm_error(as, asm_token_span(as), NULL, "expected ']' after the 16 bytes of a state");
		return;
	}
	span.end = as->token.end;
	asm_advance(as);
	/* A state is data wherever it is written. */
	as->stream = in_code ? 0 : stream;
	add_bytes(as, span, bytes, 16);
	as->stream = stream;
}

/* Size of a chunk at the offset; 0 after an error. */
static uint64_t chunk_size(asm_state *as, const asm_chunk *chunk, uint64_t address)
{
	int64_t value;
	switch (chunk->kind) {
	case ASM_BYTES: return chunk->byte_count;
	case ASM_SPACE: asm_eval_constant(as, chunk->expr, 0, ASM_MAX_DATA, "the size", &value); return (uint64_t)value;
	case ASM_ALIGN:
		if (!asm_eval_constant(as, chunk->expr, 1, ASM_MAX_ALIGN, "the alignment", &value))
			return 0;
		if (value & (value - 1)) {
			asm_error(as, as->exprs[chunk->expr].span, NULL, "the alignment %lld is not a power of two",
			        (long long)value);
			return 0;
		}
		return (0 - address) & (uint64_t)(value - 1);
	default: return (uint64_t)chunk->exprs * chunk->width;
	}
}

void asm_layout_stream(asm_state *as, uint32_t number, uint64_t base)
{
	asm_stream *stream = &as->streams[number];
	for (uint32_t i = 0; i < stream->chunk_count; i++) {
		asm_chunk *chunk = &stream->chunks[i];
		chunk->offset = stream->size;
		chunk->size = chunk_size(as, chunk, base + stream->size);
		uint64_t before = number ? as->beside : stream->size;
		if (chunk->size > ASM_MAX_DATA - before) {
			asm_error(as, chunk->span, NULL, "%s larger than the limit of %u MiB",
			        number ? "sections and models are" : "data is", ASM_MAX_DATA >> 20);
			break;
		}
		stream->size += chunk->size;
		as->beside += number ? chunk->size : 0;
		stream->laid = i + 1;
	}
	stream->complete = true;
}

static void write_le(uint8_t *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* The bits of an integer of the width; 0 after an error. */
static uint64_t int_bits(asm_state *as, uint32_t expr, unsigned width)
{
	asm_value v;
	if (!asm_eval(as, expr, ASM_VALUE, &v))
		return 0;
	int64_t value = (int64_t)v.bits, limit = width < 8 ? (int64_t)1 << (8 * width - 1) : 0;
	asm_span span = as->exprs[expr].span;
	bool bad = v.type != ASM_INTEGER || (width < 8 && (value < -limit || value >= 2 * limit));
	if (v.type != ASM_INTEGER)
		asm_error(as, span, NULL, "a float cannot be stored here; use .float or .double");
	else if (bad)
		asm_error(as, span, NULL, "value %lld does not fit in %u byte%s", (long long)value, width,
		        width > 1 ? "s" : "");
	as->exprs[expr].bad = bad;
	return v.bits;
}

/* The bits of a float of the width; 0 after an error. */
static uint64_t float_bits(asm_state *as, uint32_t expr, unsigned width)
{
	asm_value v;
	double d;
	if (!asm_eval(as, expr, ASM_VALUE, &v))
		return 0;
	uint32_t narrow = (uint32_t)v.bits;
	float f;
	if (width == 4 && v.type == ASM_SINGLE)
		return narrow;
	memcpy(&f, &narrow, sizeof f);
	memcpy(&d, &v.bits, sizeof d);
	d = v.type == ASM_DOUBLE ? d : v.type == ASM_SINGLE ? (double)f : (double)(int64_t)v.bits;
	if (width == 4 && (d > (double)FLT_MAX || d < -(double)FLT_MAX)) {
		asm_error(as, as->exprs[expr].span, NULL, "this number is too large for a float");
		as->exprs[expr].bad = true;
		return 0;
	}
	f = (float)d;
	memcpy(&narrow, &f, sizeof narrow);
	memcpy(&v.bits, &d, sizeof d);
	return width == 4 ? narrow : v.bits;
}

static uint64_t value_bits(asm_state *as, const asm_chunk *chunk, uint32_t i)
{
	if (chunk->kind == ASM_SPACE)
		return int_bits(as, chunk->expr + i, 1);
	return chunk->kind == ASM_INTS ? int_bits(as, chunk->expr + i, chunk->width)
	                               : float_bits(as, chunk->expr + i, chunk->width);
}

/* The first expression of the chunk whose value is stored in the stream: the size of a .space is
   not. */
static uint32_t first_value(const asm_chunk *chunk)
{
	return chunk->kind == ASM_SPACE ? 1 : chunk->kind == ASM_ALIGN ? chunk->exprs : 0;
}

void asm_check_stream(asm_state *as, uint32_t number)
{
	const asm_stream *stream = &as->streams[number];
	for (uint32_t c = 0; c < stream->chunk_count; c++)
		for (uint32_t i = first_value(&stream->chunks[c]); i < stream->chunks[c].exprs; i++)
			value_bits(as, &stream->chunks[c], i);
}

static void emit_chunk(asm_state *as, const asm_chunk *chunk, uint8_t *out)
{
	if (chunk->kind == ASM_BYTES)
		memcpy(out, chunk->bytes, chunk->byte_count);
	for (uint32_t i = first_value(chunk); i < chunk->exprs; i++) {
		if (chunk->kind == ASM_SPACE)
			memset(out, (int)value_bits(as, chunk, i), chunk->size);
		else
			write_le(out + (size_t)i * chunk->width, value_bits(as, chunk, i), chunk->width);
	}
}

uint8_t *asm_emit_stream(asm_state *as, uint32_t number)
{
	const asm_stream *stream = &as->streams[number];
	uint8_t *bytes = vsp_arena_alloc(&as->module->arena, stream->size);
	if (!bytes) {
		asm_out_of_memory(as);
		return NULL;
	}
	for (uint32_t i = 0; i < stream->laid; i++)
		emit_chunk(as, &stream->chunks[i], bytes + stream->chunks[i].offset);
	return bytes;
}
