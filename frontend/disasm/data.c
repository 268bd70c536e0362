/*
 * Bytes as a person would write them: strings, states, zeros, and .byte for the rest. Every choice is exact, so only looks depend on it.
 */
#include "disasm.h"

#include <inttypes.h>
#include <string.h>

enum {
	ZEROS_MIN = 8,   /* shorter runs of zeros are .byte */
	STRING_MIN = 5,  /* the same for text */
	STRING_MAX = 64, /* bytes of a string on one line */
	BYTES_A_LINE = 16,
	STATE_SIZE = 16
};

static size_t zero_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && !p[i])
		i++;
	return i;
}

static size_t text_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && i < STRING_MAX && ((p[i] >= 0x20 && p[i] < 0x7F) || p[i] == '\n'))
		i++;
	return i;
}

static bool starts_run(const uint8_t *p, size_t n)
{
	return zero_run(p, n < ZEROS_MIN ? n : ZEROS_MIN) >= ZEROS_MIN || text_run(p, n) >= STRING_MIN;
}

static size_t add_string(vsp_text *out, const uint8_t *p, size_t n)
{
	size_t length = text_run(p, n);
	bool ends = length < n && !p[length];
	vsp_text_string(out, ends ? "\t.asciz  " : "\t.ascii  ");
	vsp_text_quoted(out, (const char *)p, length);
	vsp_text_string(out, "\n");
	return length + ends;
}

static size_t add_plain_bytes(vsp_text *out, const uint8_t *p, size_t n)
{
	size_t i = 0;
	do {
		vsp_text_format(out, i ? ", 0x%02X" : "\t.byte   0x%02X", p[i]);
		i++;
	} while (i < n && i < BYTES_A_LINE && !starts_run(p + i, n - i));
	vsp_text_string(out, "\n");
	return i;
}

void vsp_disasm_bytes(vsp_text *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t zeros = zero_run(bytes + i, n - i);
		if (zeros >= ZEROS_MIN) {
			vsp_text_format(out, "\t.space  %zu\n", zeros);
			i += zeros;
		} else if (text_run(bytes + i, n - i) >= STRING_MIN) {
			i += add_string(out, bytes + i, n - i);
		} else {
			i += add_plain_bytes(out, bytes + i, n - i);
		}
	}
}

static void add_state(vsp_text *out, const uint8_t *p)
{
	for (int i = 0; i < STATE_SIZE; i++)
		vsp_text_format(out, i ? ", %02X" : " [%02X", p[i]);
	vsp_text_string(out, "]\n");
}

/* The labels at address; returns how many, the last without its newline. */
static uint32_t add_labels(vsp_disasm *d, uint32_t *position, uint32_t address)
{
	uint32_t count = 0;
	for (; *position < d->m->symbol_count; ++*position) {
		uint32_t i = d->order[*position];
		if (d->m->symbols[i].address != address)
			break;
		if (!d->plain[i])
			continue;
		if (count++)
			vsp_text_string(&d->out, "\n");
		vsp_text_string(&d->out, d->m->symbols[i].name);
		vsp_text_string(&d->out, ":");
		vsp_disasm_defined(d, i);
	}
	return count;
}

/* Labels of data mean something only where data lies where the text says. */
static bool has_labels(const vsp_disasm *d)
{
	bool stored = vsp_disasm_section(d->m, "MEMO") < d->m->section_count;
	return stored ? d->memory_told : d->m->stack_top == VSP_DEFAULT_STACK_TOP;
}

void vsp_disasm_data(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	uint64_t end = (uint64_t)m->stack_top + m->data_size;
	uint32_t position = has_labels(d) ? vsp_disasm_first_symbol(d, m->stack_top, true) : m->symbol_count;
	uint64_t at = m->stack_top;
	vsp_text_string(&d->out, "\n\t.data\n");
	while (at < end || (position < m->symbol_count && m->symbols[d->order[position]].address == end)) {
		uint32_t labels = add_labels(d, &position, (uint32_t)at);
		uint64_t next = position < m->symbol_count ? m->symbols[d->order[position]].address : end;
		size_t n = (size_t)((next < end ? next : end) - at);
		const uint8_t *p = m->data + (at - m->stack_top);
		if (labels && n == STATE_SIZE && !starts_run(p, n)) {
			add_state(&d->out, p);
		} else {
			vsp_text_string(&d->out, labels ? "\n" : "");
			vsp_disasm_bytes(&d->out, p, n);
		}
		at += n;
	}
}
