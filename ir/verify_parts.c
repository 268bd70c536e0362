/*
 * Functions that the parts of the verifier share: they refuse a module, and find where instructions
 * start.
 */
#include "verify_parts.h"

#include <stdarg.h>
#include <stdio.h>

bool vsp_verify_fail(vsp_verifier *v, uint64_t offset, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	vsp_error_at(v->error, VSP_E_FORMAT, offset, "%s", text);
	return false;
}

bool vsp_verify_fail_insn(vsp_verifier *v, uint32_t pc, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	vsp_error_at(v->error, VSP_E_FORMAT, VSP_SILC_HEADER + (uint64_t)pc, "%s", text);
	v->error->pc = pc;
	const char *name = vsp_module_func_name(v->m, vsp_module_func_at(v->m, pc));
	snprintf(v->error->function, sizeof v->error->function, "%s", name);
	return false;
}

bool vsp_verify_no_memory(vsp_verifier *v)
{
	vsp_error_set(v->error, VSP_E_MEMORY, "out of memory while verifying the module");
	return false;
}

bool vsp_verify_is_start(const vsp_verifier *v, int64_t address)
{
	return address >= 0 && address < v->m->code_size && v->starts[address / 8] >> (address % 8) & 1;
}
