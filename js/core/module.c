/*
 * Modules for JavaScript: assembling with diagnostics, loading, writing, and what a module tells of
 * itself. It uses the assembler below the public API, whose messages are text, because JavaScript
 * wants their parts.
 */
#include "core.h"

#include "frontend/asm/assembler.h"
#include "ir/opcode.h"
#include "runtime/base/error.h"
#include "tiers/api/api.h"

/* One message of the assembler. Its texts are valid during the call. */
CORE_IMPORT(diagnostic)
void js_diagnostic(unsigned severity, const char *file, uint32_t line, uint32_t column, uint32_t length,
        const char *message, const char *source, size_t source_size, const char *suggestion);
/*
 * The contents of a file that the source names: memory of core_alloc with *size bytes, or null when
 * there is no such file.
 */
CORE_IMPORT(read_file) uint8_t *js_read_file(const char *path, size_t *size);

static void report(void *user, const vsp_diagnostic *d)
{
	(void)user;
	js_diagnostic(d->severity, d->file, d->line, d->column, d->length, d->message, d->source_line, d->source_length,
	        d->suggestion ? d->suggestion : "");
}

static void read_named(void *user, vsp_named_file *file)
{
	(void)user;
	file->bytes = js_read_file(file->path, &file->size);
	file->why = file->bytes ? NULL : "there is no such file";
}

/* Null: see core_error; every message has gone to js_diagnostic. */
CORE_EXPORT(vsp_module *, core_assemble, (const char *source, size_t size, const char *name))
{
	vsp_assemble_options options = {.file = name, .report = report, .read_file = read_named};
	vsp_error_clear(&core_error);
	return vsp_module_wrap(vsp_assemble_source(source, size, &options, &core_error), &core_error);
}

CORE_EXPORT(vsp_module *, core_load, (const void *bytes, size_t size))
{
	return vsp_module_load(bytes, size, &core_error);
}

CORE_EXPORT(void, core_module_free, (vsp_module * module)) { vsp_module_free(module); }

/* Freed with core_bytes_free; null: see core_error. */
CORE_EXPORT(uint8_t *, core_write, (const vsp_module *module))
{
	return vsp_module_write(module, &core_size, &core_error);
}

CORE_EXPORT(char *, core_disassemble, (const vsp_module *module))
{
	return vsp_module_disassemble(module, &core_size, &core_error);
}

CORE_EXPORT(void, core_bytes_free, (void *bytes)) { vsp_bytes_free(bytes); }

/* ---- functions, imports and lines ---- */

static vsp_function_info function_info(const vsp_module *module, uint32_t index)
{
	vsp_function_info info = {.size = sizeof info, .name = ""};
	vsp_module_function(module, index, &info);
	return info;
}

CORE_EXPORT(uint32_t, core_functions, (const vsp_module *module)) { return vsp_module_function_count(module); }
CORE_EXPORT(const char *, core_function_name, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).name;
}
CORE_EXPORT(uint32_t, core_function_params, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).params;
}
CORE_EXPORT(uint32_t, core_function_results, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).results;
}
CORE_EXPORT(uint32_t, core_function_kind, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).kind;
}
CORE_EXPORT(uint32_t, core_function_exported, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).exported;
}
CORE_EXPORT(uint32_t, core_function_start, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).code_start;
}
CORE_EXPORT(uint32_t, core_function_size, (const vsp_module *module, uint32_t i))
{
	return function_info(module, i).code_size;
}

CORE_EXPORT(uint32_t, core_imports, (const vsp_module *module)) { return vsp_module_import_count(module); }
CORE_EXPORT(const char *, core_import_name, (const vsp_module *module, uint32_t i))
{
	const char *name = "";
	vsp_module_import(module, i, &name, NULL, NULL);
	return name;
}
CORE_EXPORT(uint32_t, core_import_params, (const vsp_module *module, uint32_t i))
{
	uint32_t params = 0;
	vsp_module_import(module, i, NULL, &params, NULL);
	return params;
}
CORE_EXPORT(uint32_t, core_import_results, (const vsp_module *module, uint32_t i))
{
	uint32_t results = 0;
	vsp_module_import(module, i, NULL, NULL, &results);
	return results;
}

/* The code address where a run begins. */
CORE_EXPORT(uint32_t, core_entry, (const vsp_module *module)) { return module->data->entry; }

/* The linear address where the data begins, which is also the top of the stack. */
CORE_EXPORT(uint32_t, core_data_start, (const vsp_module *module)) { return module->data->stack_top; }

/* The source line of the code address, or 0; its file is then core_line_file. */
static const char *line_file = "";
CORE_EXPORT(uint32_t, core_line, (const vsp_module *module, uint32_t pc))
{
	uint32_t line = 0;
	return vsp_module_line(module, pc, &line_file, &line) == VSP_OK ? line : 0;
}
CORE_EXPORT(const char *, core_line_file, (void)) { return line_file; }

/* The bytes of the instruction at the code address; 0: there is none. */
CORE_EXPORT(uint32_t, core_instruction_size, (const vsp_module *module, uint32_t pc))
{
	vsp_insn insn;
	const vsp_module_data *data = module->data;
	return pc < data->code_size && !vsp_insn_decode(data->code, data->code_size, pc, &insn) ? insn.length : 0;
}
