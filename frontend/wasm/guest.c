/*
 * Finding VSP's own instructions and kernels in a WebAssembly module, and checking their types.
 */
#include "guest.h"

#include <stdio.h>
#include <string.h>

#include "ir/opcode.h"
#include "runtime/base/escape.h"

#define KERNEL_PREFIX "vsp.kernel."
enum { SHOWN = 96 };

const wasm_guest wasm_guests[WASM_GUESTS] = {
#define GUEST(NAME, name, params, result, HOW, FORM) {name, params, result, VSP_I_##FORM, WASM_GUEST_HOW_##HOW},
#include "guest.def"
};

static bool is_text(wasm_name name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.text, text, name.size) == 0;
}

static bool begins(wasm_name name, const char *prefix)
{
	return name.size > strlen(prefix) && memcmp(name.text, prefix, strlen(prefix)) == 0;
}

/* ---- imports ---- */

bool wasm_is_guest(const wasm_import *import) { return is_text(import->module, "vsp"); }

/* Types of letters, which are one for i, p, n and c. */
static bool is_type(const char *letters, const uint8_t *types, uint32_t count)
{
	if (strlen(letters) != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (types[i] != (letters[i] == 'F' ? WASM_F64 : WASM_I32))
			return false;
	return true;
}

static void show(char out[SHOWN], wasm_name name) { vsp_escape(out, SHOWN, name.text, name.size, VSP_ESCAPE_TEXT); }

wasm_guest_id wasm_guest_find(const wasm_module *m, const wasm_import *import, wasm_reader *r)
{
	char shown[SHOWN];
	const wasm_type *type = &m->types[m->funcs[import->index].type];
	show(shown, import->field);
	for (unsigned i = 0; i < WASM_GUESTS; i++) {
		const wasm_guest *g = &wasm_guests[i];
		bool found = i == WASM_GUEST_LAUNCH ? begins(import->field, g->name) : is_text(import->field, g->name);
		if (!found)
			continue;
		if (is_type(g->params, type->params, type->param_count) &&
		        is_type(g->result, type->results, type->result_count))
			return (wasm_guest_id)i;
		wasm_fail(r, import->offset, "the import vsp.%s has another type than vsp/guest.h says", shown);
		return WASM_GUESTS;
	}
	wasm_fail(r, import->offset, "the import vsp.%s is none of those in vsp/guest.h", shown);
	return WASM_GUESTS;
}

/* ---- kernels ---- */

bool wasm_is_kernel(const wasm_export *export)
{
	return export->kind == WASM_KIND_FUNC && begins(export->name, KERNEL_PREFIX);
}

int wasm_kernel_compare(const wasm_export *export, wasm_name name)
{
	uint32_t size = export->name.size - (uint32_t)strlen(KERNEL_PREFIX);
	if (size != name.size)
		return size < name.size ? -1 : 1;
	return memcmp(export->name.text + strlen(KERNEL_PREFIX), name.text, size);
}

wasm_name wasm_kernel_name(const wasm_export *export)
{
	uint32_t before = (uint32_t)strlen(KERNEL_PREFIX);
	return (wasm_name){export->name.text + before, export->name.size - before};
}

wasm_name wasm_launched_name(const wasm_import *import)
{
	uint32_t before = (uint32_t)strlen(wasm_guests[WASM_GUEST_LAUNCH].name);
	return (wasm_name){import->field.text + before, import->field.size - before};
}

bool wasm_no_kernel(const wasm_import *import, wasm_reader *r)
{
	char shown[SHOWN];
	show(shown, wasm_launched_name(import));
	return wasm_fail(r, import->offset,
	        "there is no kernel '%s', which is launched: no function is exported as %s%s", shown, KERNEL_PREFIX,
	        shown);
}

/* ---- what linkers put around exports ---- */

enum { OP_CALL = 0x10, OP_LOCAL_GET = 0x20, OP_END = 0x0B, MOST_AROUND = 16 };

static bool same_type(const wasm_module *m, uint32_t func, uint32_t params)
{
	const wasm_type *type = &m->types[m->funcs[func].type];
	return type->param_count == params && !type->result_count;
}

/* A few calls of functions without parameters, local.get 0, local.get 1, a call, more calls of the
   first kind, and nothing else. */
uint32_t wasm_kernel_function(const wasm_module *m, const wasm_export *export)
{
	const wasm_func *f = &m->funcs[export->index];
	wasm_reader r = {.at = f->body, .end = f->body_end, .start = m->bytes};
	uint32_t gets = 0, others = 0, inner = WASM_NO_INDEX;
	if (!f->body || wasm_u32(&r) != 0)
		return export->index;
	for (unsigned i = 0; i < MOST_AROUND; i++) {
		uint8_t opcode = wasm_u8(&r);
		uint32_t index = opcode == OP_END ? 0 : wasm_u32(&r);
		if (opcode == OP_END && r.status == VSP_OK)
			return inner != WASM_NO_INDEX && others ? inner : export->index;
		if (r.status != VSP_OK || (opcode == OP_CALL && index >= m->func_count))
			return export->index;
		if (opcode == OP_LOCAL_GET && index == gets)
			gets++;
		else if (opcode == OP_CALL && same_type(m, index, 0) && (!gets || inner != WASM_NO_INDEX))
			others++;
		else if (opcode == OP_CALL && same_type(m, index, 2) && gets == 2 && inner == WASM_NO_INDEX &&
		         index >= m->imported_funcs)
			inner = index;
		else
			return export->index;
	}
	return export->index;
}
