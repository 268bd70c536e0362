/*
 * Disassembling and assembling a module, see spec_text.h.
 */
#include "spec_text.h"

#include <stdio.h>
#include <string.h>

#include "frontend/disasm/disassembler.h"
#include "frontend/silc/silc.h"
#include "runtime/base/alloc.h"
#include "tiers/api/api.h"

static bool same_bytes(const vsp_module *a, const vsp_module *b, vsp_error *error)
{
	size_t size_a = 0, size_b = 0;
	uint8_t *bytes_a = vsp_silc_write(a->data, &size_a, error), *bytes_b = vsp_silc_write(b->data, &size_b, error);
	bool same = bytes_a && bytes_b && size_a == size_b && memcmp(bytes_a, bytes_b, size_a) == 0;
	if (!same && bytes_a && bytes_b)
		snprintf(error->message, sizeof error->message, "its text assembles to other bytes");
	vsp_free_memory(bytes_a);
	vsp_free_memory(bytes_b);
	return same;
}

vsp_module *spec_text_again(vsp_module *module, vsp_error *error)
{
	size_t length = 0;
	char *text = vsp_disassemble(module->data, &length);
	vsp_module *again = text ? vsp_assemble(text, length, NULL, error) : NULL;
	vsp_free_memory(text);
	if (again && !same_bytes(module, again, error)) {
		vsp_module_free(again);
		again = NULL;
	}
	vsp_module_free(module);
	return again;
}
