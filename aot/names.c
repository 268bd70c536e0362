/*
 * Names of exported functions as symbols of C: which are allowed, and the prefix.
 */
#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/error.h"

/* Keywords of C and C++, which cannot be names of functions, and functions of the C library,
   which an export would replace. */
static const char *const reserved[] = {
#define NAME(name) #name,
#include "reserved.def"
};
/*
 * The names defined by the libraries that programs are linked with, here and on the targets that
 * the build knew (tools/gen/names.c), in strcmp's order. An export of such a name would be called
 * in its place, by the runtime and by the whole process.
 */
static const char *const libraries[] = {
#define NAME(name) #name,
#include "library_names.inc"
#undef NAME
        ""};
enum { RESERVED = sizeof reserved / sizeof reserved[0], LIBRARIES = sizeof libraries / sizeof libraries[0] - 1 };

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_reserved(const char *name)
{
	if (strncmp(name, "vsp_", 4) == 0 || name[0] == '_')
		return true;
	for (unsigned i = 0; i < RESERVED; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return bsearch(&name, libraries, LIBRARIES, sizeof libraries[0], compare_names) != NULL;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_identifier(const char *name)
{
	if (!is_letter(*name))
		return false;
	while (is_letter(*name) || is_digit(*name))
		name++;
	return *name == 0;
}

const char *aot_symbol(aot_job *job, const char *name) { return aot_format(job, "%s%s", job->options.prefix, name); }

/* A name that is allowed. */
static const char *propose(aot_job *job, const char *name)
{
	char *better = aot_format(job, "%s_%s", "silc", name);
	for (char *c = better; c && *c; c++)
		if (!is_letter(*c) && !is_digit(*c))
			*c = '_';
	return better;
}

/* Why symbol cannot be one, or null. */
static const char *fault_of(const aot_job *job, const char *symbol)
{
	return !is_identifier(symbol)                                       ? "is no identifier of C"
	       : job->options.kind == AOT_WASM && !strcmp(symbol, "memory") ? "is that of a WebAssembly module's memory"
	       : is_reserved(symbol)                                        ? "is reserved in C programs"
	                                                                    : NULL;
}

/*
 * Authors of WebAssembly modules cannot choose all names of exports (_initialize, memory), and
 * those of preloaded modules are NAME.EXPORT, which no prefix makes one of C: what cannot be a
 * symbol is called by name.
 */
static bool needs_no_symbol(const aot_job *job, const char *name)
{
	if (!vsp_module_is_translated(job->data))
		return false;
	while (*job->options.prefix && (is_letter(*name) || is_digit(*name)))
		name++;
	return *job->options.prefix ? *name != 0 : fault_of(job, name) != NULL;
}

/* The entry is called main in most programs, which then need not export it to anyone: vsp_aot_run
   runs it. */
bool aot_has_symbol(const aot_job *job, uint32_t func)
{
	const char *name = vsp_module_func_name(job->data, func);
	bool entry_main = func == job->data->entry_func && strcmp(name, "main") == 0;
	return job->data->funcs[func].flags & VSP_FUNC_EXPORTED && !entry_main && !needs_no_symbol(job, name);
}

static vsp_status check_name(aot_job *job, const char *name)
{
	const char *symbol = aot_symbol(job, name), *better = propose(job, name);
	if (!symbol || !better)
		return aot_fail_memory(job);
	const char *why = fault_of(job, symbol);
	if (!why)
		return VSP_OK;
	if (*job->options.prefix)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "the exported function '%s' cannot be the symbol '%s', which %s; use another '--aot-prefix'",
		        name, symbol, why);
	return vsp_error_set(job->error, VSP_E_ARGUMENT,
	        "the exported function '%s' cannot be a symbol: its name %s; use '.export %s as \"%s\"'", name, why,
	        name, better);
}

vsp_status aot_check_names(aot_job *job)
{
	if (*job->options.prefix && !is_identifier(job->options.prefix))
		return vsp_error_set(job->error, VSP_E_ARGUMENT, "'%s' cannot begin a name of C", job->options.prefix);
	for (uint32_t i = 0; i < job->data->func_count; i++)
		if (aot_has_symbol(job, i) && check_name(job, vsp_module_func_name(job->data, i)) != VSP_OK)
			return job->error->code;
	return VSP_OK;
}

/* Those that start a program are of no use to its hosts. */
static bool starts(const char *name)
{
	return !strcmp(name, "_start") || !strcmp(name, "_initialize") || !strcmp(name, "_vsp_initialize");
}

void aot_note_names(aot_job *job)
{
	for (uint32_t i = 0; job->error->code == VSP_OK && !*job->error->message && i < job->data->func_count; i++) {
		const char *name = vsp_module_func_name(job->data, i);
		if (job->data->funcs[i].flags & VSP_FUNC_EXPORTED && i != job->data->entry_func &&
		        !aot_has_symbol(job, i) && !starts(name))
			vsp_error_set(job->error, VSP_OK,
			        "the exported function '%s' has no symbol, since C cannot have its name: vsp_aot_call "
			        "calls it by that",
			        name);
	}
}

void aot_each_public(aot_job *job, void (*fn)(aot_job *job, const char *name, void *user), void *user)
{
#define PUBLIC(name) fn(job, #name, user);
#include "public.def"
}
