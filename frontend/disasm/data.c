/*
 * The data segment: labels, states where symbols say so, and bytes.
 */
#include "disasm.h"

#include <inttypes.h>
#include <string.h>

enum { STATE_SIZE = 16 };

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

/* Labels of data are used only where the text puts the data at the right address. */
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
		if (labels && n == STATE_SIZE && !vsp_disasm_starts_run(p, n)) {
			add_state(&d->out, p);
		} else {
			vsp_text_string(&d->out, labels ? "\n" : "");
			vsp_disasm_bytes(&d->out, p, n);
		}
		at += n;
	}
}
