/*
 * Mutants of .silc files, see mutate.h. All places are found in the file as it is now, and ranges
 * that the file itself names are cut at its end.
 */
#include "mutate.h"

#include <stdbool.h>
#include <string.h>

#include "frontend/silc/silc.h"
#include "ir/layout.h"
#include "runtime/base/bits.h"

enum { CHANGES = 3, SECTIONS = 16, TRIES = 50, SECTION_HEAD = 8 };

/* A file that is being changed. */
typedef struct file {
	uint8_t *bytes;
	size_t size, capacity;
	mutate_random random;
} file;

/* Bytes of it. */
typedef struct range {
	size_t at, size;
} range;

/* ---- random numbers ---- */

mutate_random mutate_seeded(uint64_t seed)
{
	mutate_random r = {seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
	if (!r.state)
		r.state = 1;
	mutate_next(&r);
	return r;
}

uint64_t mutate_next(mutate_random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

size_t mutate_below(mutate_random *r, size_t n) { return n ? (size_t)((mutate_next(r) >> 16) % n) : 0; }

uint64_t mutate_edge(mutate_random *r)
{
	uint64_t power = UINT64_C(1) << mutate_below(r, 64);
	switch (mutate_below(r, 6)) {
	case 0: return mutate_below(r, 5);
	case 1: return power;
	case 2: return power - 1;
	case 3: return power + mutate_below(r, 4);
	case 4: return ~UINT64_C(0) - mutate_below(r, 4);
	default: return mutate_next(r);
	}
}

/* ---- ranges ---- */

static size_t below(file *f, size_t n) { return mutate_below(&f->random, n); }

static uint32_t word(const file *f, size_t at) { return (uint32_t)vsp_read_le(f->bytes + at, 4); }

static range cut(const file *f, uint64_t at, uint64_t size)
{
	if (at > f->size)
		return (range){f->size, 0};
	return (range){(size_t)at, size < f->size - at ? (size_t)size : f->size - (size_t)at};
}

static range code_of(const file *f) { return cut(f, VSP_SILC_HEADER, word(f, VSP_AT_CODE_SIZE)); }

/* Of the first section: after code, data and symbols. */
static uint64_t sections_at(const file *f)
{
	return VSP_SILC_HEADER + vsp_layout_pad(word(f, VSP_AT_CODE_SIZE)) + vsp_layout_pad(word(f, VSP_AT_DATA_SIZE)) +
	       vsp_layout_pad(word(f, VSP_AT_SYMBOL_SIZE));
}

/* Whole sections, heads and padding included; how many. */
static size_t find_sections(const file *f, range out[SECTIONS])
{
	size_t count = 0;
	for (uint64_t at = sections_at(f); count < SECTIONS && at + SECTION_HEAD <= f->size;) {
		uint64_t size = SECTION_HEAD + vsp_layout_pad(word(f, (size_t)at + 4));
		out[count] = cut(f, at, size);
		at += size;
		count++;
	}
	return count;
}

/* Puts fresh bytes in the place of a range. Nothing happens where they do not fit. */
static bool replace(file *f, range old, const uint8_t *fresh, size_t size)
{
	uint8_t copy[512];
	if (size > sizeof copy || f->size - old.size + size > f->capacity)
		return false;
	if (size)
		memcpy(copy, fresh, size); /* may be bytes of the file */
	memmove(f->bytes + old.at + size, f->bytes + old.at + old.size, f->size - old.at - old.size);
	if (size)
		memcpy(f->bytes + old.at, copy, size);
	f->size = f->size - old.size + size;
	return true;
}

/* ---- changes of bytes ---- */

static void change_byte(file *f, range r)
{
	if (!r.size)
		return;
	uint8_t *p = f->bytes + r.at + below(f, r.size);
	switch (below(f, 4)) {
	case 0: *p ^= (uint8_t)(1u << below(f, 8)); break;
	case 1: *p = (uint8_t)(*p + below(f, 9) - 4); break;
	case 2: *p = (uint8_t)mutate_edge(&f->random); break;
	default: *p = (uint8_t)mutate_next(&f->random);
	}
}

static void change_any_byte(file *f) { change_byte(f, cut(f, 0, f->size)); }
static void change_code_byte(file *f) { change_byte(f, code_of(f)); }

/* A number of 2 or 4 bytes in a range, where such numbers stand. */
static void change_number(file *f, range r)
{
	size_t width = below(f, 4) ? 4 : 2;
	if (r.size < width)
		return;
	uint8_t *p = f->bytes + r.at + below(f, r.size / width) * width;
	uint64_t value = mutate_edge(&f->random);
	if (below(f, 2)) /* a little more or less than it was */
		value = vsp_read_le(p, (unsigned)width) + below(f, 17) - 8;
	vsp_write_le(p, value, (unsigned)width);
}

static void change_header(file *f) { change_number(f, cut(f, VSP_AT_VERSION, VSP_AT_CHECKSUM - VSP_AT_VERSION)); }

static void change_tables(file *f)
{
	range r = cut(f, sections_at(f), f->size);
	if (below(f, 2))
		change_number(f, r);
	else
		change_byte(f, r);
}

static void cut_off(file *f)
{
	if (f->size > VSP_SILC_HEADER)
		f->size = VSP_SILC_HEADER + below(f, f->size - VSP_SILC_HEADER);
}

/* ---- changes of code ---- */

/* An instruction, found by decoding from the start; false: there is none. */
static bool some_instruction(file *f, vsp_insn *insn)
{
	range code = code_of(f);
	const uint8_t *bytes = f->bytes + code.at;
	uint32_t n = (uint32_t)below(f, code.size);
	for (uint32_t pc = 0; !vsp_insn_decode(bytes, code.size, pc, insn); pc += insn->length)
		if (pc + insn->length > n)
			return true;
	return false;
}

static range bytes_of(const vsp_insn *insn) { return (range){VSP_SILC_HEADER + insn->pc, insn->length}; }

/* Another form of the same length with the operands as they are. */
static void change_form(file *f)
{
	vsp_insn insn;
	if (!some_instruction(f, &insn))
		return;
	for (unsigned tries = 0; tries < TRIES; tries++) {
		vsp_form form = (vsp_form)below(f, VSP_FORMS);
		if (form != VSP_I_BRTAB && vsp_insn_size(form, 0) == insn.length) {
			f->bytes[bytes_of(&insn).at] = vsp_forms[form].op;
			return;
		}
	}
}

/* One instruction's bytes over another's of the same length. */
static void copy_instruction(file *f)
{
	vsp_insn from, to;
	for (unsigned tries = 0; tries < TRIES; tries++)
		if (some_instruction(f, &from) && some_instruction(f, &to) && from.length == to.length) {
			memmove(f->bytes + bytes_of(&to).at, f->bytes + bytes_of(&from).at, from.length);
			return;
		}
}

/* An operand of an instruction: its registers, or its last bytes as a number. */
static void change_operand(file *f)
{
	vsp_insn insn;
	if (!some_instruction(f, &insn) || insn.length < 2)
		return;
	range r = bytes_of(&insn);
	if (below(f, 2) || insn.length < 4)
		change_byte(f, (range){r.at + 1, r.size - 1});
	else
		vsp_write_le(f->bytes + r.at + 2, mutate_edge(&f->random), 2);
}

/* The code becomes one instruction longer or shorter; targets after it are no longer what they
   were. */
static void resize_code(file *f)
{
	vsp_insn insn;
	if (!some_instruction(f, &insn))
		return;
	range r = bytes_of(&insn);
	uint32_t size = word(f, VSP_AT_CODE_SIZE), padded = (uint32_t)vsp_layout_pad(size);
	bool longer = below(f, 2);
	uint32_t now = longer ? size + insn.length : size - insn.length;
	static const uint8_t zeros[4];
	if (VSP_SILC_HEADER + (size_t)padded > f->size)
		return;
	if (!replace(f, (range){r.at, longer ? 0 : r.size}, f->bytes + r.at, longer ? r.size : 0))
		return;
	replace(f, (range){VSP_SILC_HEADER + now, padded - size}, zeros, (size_t)vsp_layout_pad(now) - now);
	vsp_write_le(f->bytes + VSP_AT_CODE_SIZE, now, 4);
}

/* ---- changes of sections ---- */

static void exchange_sections(file *f, const range *sections, size_t count)
{
	uint8_t copy[512];
	if (count < 2)
		return;
	size_t i = below(f, count - 1);
	range a = sections[i], b = sections[i + 1];
	if (a.size > sizeof copy)
		return;
	memcpy(copy, f->bytes + a.at, a.size);
	memmove(f->bytes + a.at, f->bytes + b.at, b.size);
	memcpy(f->bytes + a.at + b.size, copy, a.size);
}

static void change_sections(file *f)
{
	range sections[SECTIONS];
	size_t count = find_sections(f, sections);
	if (!count)
		return;
	range r = sections[below(f, count)];
	switch (below(f, 5)) {
	case 0: replace(f, r, NULL, 0); break;
	case 1: replace(f, (range){r.at, 0}, f->bytes + r.at, r.size); break;
	case 2: change_byte(f, (range){r.at, 4}); break; /* its tag */
	case 3: f->bytes[r.at] ^= 0x20; break;           /* known or skipped */
	default: exchange_sections(f, sections, count);
	}
}

/* ---- mutants ---- */

typedef void change(file *f);
static change *const changes[] = {change_any_byte, change_code_byte, change_code_byte, change_header, change_tables,
        change_tables, change_form, change_form, copy_instruction, copy_instruction, change_operand, change_operand,
        change_operand, resize_code, change_sections, cut_off};

void mutate_repair(uint8_t *bytes, size_t size)
{
	if (size >= VSP_SILC_HEADER)
		vsp_write_le(bytes + VSP_AT_CHECKSUM, vsp_silc_checksum(bytes, size), 8);
}

size_t mutate_silc(uint8_t *bytes, size_t size, size_t capacity, uint64_t seed)
{
	file f = {bytes, size, capacity, mutate_seeded(seed)};
	for (size_t n = 1 + below(&f, CHANGES); n && f.size; n--) {
		change *how = f.size < VSP_SILC_HEADER ? change_any_byte
		                                       : changes[below(&f, sizeof changes / sizeof *changes)];
		how(&f);
	}
	mutate_repair(f.bytes, f.size);
	return f.size;
}
