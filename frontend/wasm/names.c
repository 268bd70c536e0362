/*
 * The names of functions, from the custom section "name" (the specification's appendix on custom
 * sections). Names are for people: a section that is faulty gives fewer of them and no error.
 */
#include "names.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/base/escape.h"

enum { SUBSECTION_FUNCTIONS = 1, SHOWN_NAME = 96 };

static void read_function_names(wasm_module *m, wasm_reader *r)
{
	for (uint32_t count = wasm_count(r, 2); count && r->status == VSP_OK; count--) {
		uint32_t index = wasm_u32(r);
		wasm_name name = wasm_read_name(r);
		if (r->status == VSP_OK && index < m->func_count)
			m->funcs[index].name = name;
	}
}

void wasm_read_names(wasm_module *m, wasm_span section)
{
	wasm_reader r = {.at = section.bytes, .end = section.bytes + section.size, .start = m->bytes};
	while (r.at < r.end && r.status == VSP_OK) {
		uint8_t id = wasm_u8(&r);
		uint32_t size = wasm_u32(&r);
		const uint8_t *bytes = wasm_bytes(&r, size);
		if (!bytes || id != SUBSECTION_FUNCTIONS)
			continue;
		wasm_reader part = {.at = bytes, .end = r.at, .start = m->bytes};
		read_function_names(m, &part);
	}
}

void wasm_name_function(const wasm_module *m, wasm_reader *r, uint32_t func)
{
	char shown[SHOWN_NAME];
	wasm_name name = m->funcs[func].name;
	vsp_escape(shown, sizeof shown, name.text ? name.text : "", name.size, VSP_ESCAPE_TEXT);
	if (name.size)
		snprintf(r->where, sizeof r->where, "function %" PRIu32 " (%s): ", func, shown);
	else
		snprintf(r->where, sizeof r->where, "function %" PRIu32 ": ", func);
}
