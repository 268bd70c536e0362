/*
 * Linking the modules of a file of tests, see spec_link.h.
 */
#include "spec_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec_files.h"

static bool is_type(const json *command, const char *type) { return strcmp(json_text(command, "type"), type) == 0; }

/* Does the command want the value of a global? */
static bool reads_global(const json *command)
{
	return is_type(command, "assert_return") && is_type(json_get(command, "action"), "get");
}

bool spec_links(const json *commands)
{
	for (const json *c = commands->first; c; c = c->next)
		if (is_type(c, "register") || reads_global(c))
			return true;
	return false;
}

/* A module of these preloaded ones and a main one, or null. */
static vsp_module *translate(
        const vsp_wasm_preload *preloads, unsigned count, const uint8_t *bytes, size_t size, vsp_error *error)
{
	vsp_wasm_options options = VSP_WASM_OPTIONS_INIT;
	size_t silc_size;
	options.preloads = preloads;
	options.preload_count = count;
	uint8_t *silc = vsp_wasm_translate(bytes, size, &options, &silc_size, error);
	vsp_module *module = silc ? vsp_module_load(silc, silc_size, error) : NULL;
	vsp_bytes_free(silc);
	return module;
}

static vsp_wasm_preload spectest(const char *folder)
{
	size_t size;
	uint8_t *bytes = spec_read_file(folder, "spectest.wasm", &size);
	return (vsp_wasm_preload){"spectest", bytes, size};
}

vsp_module *spec_load(const uint8_t *bytes, size_t size, const char *folder, vsp_error *error)
{
	vsp_module *module = vsp_module_load(bytes, size, error);
	if (module || !strstr(error->message, "must be preloaded"))
		return module;
	vsp_wasm_preload preload = spectest(folder);
	module = translate(&preload, 1, bytes, size, error);
	free((void *)preload.bytes);
	return module;
}

/* All modules that are linked, in their order, as one, with a program that reads these globals. */
static vsp_module *translate_all(
        const spec_program *p, const spec_global *globals, unsigned global_count, const char *folder, vsp_error *error)
{
	size_t size = spec_globals_write(globals, global_count, NULL);
	uint8_t *reader = malloc(size);
	vsp_wasm_preload *preloads = calloc(p->count + 1, sizeof *preloads);
	unsigned count = 1;
	if (!preloads || !reader)
		abort();
	spec_globals_write(globals, global_count, reader);
	preloads[0] = spectest(folder);
	for (unsigned i = 0; i < p->count; i++)
		if (p->list[i].linked)
			preloads[count++] = (vsp_wasm_preload){p->list[i].name, p->list[i].bytes, p->list[i].size};
	vsp_module *module = translate(preloads, count, reader, size, error);
	free((void *)preloads[0].bytes);
	free(preloads);
	free(reader);
	return module;
}

static char *copy(const char *text)
{
	char *out = malloc(strlen(text) + 1);
	if (!out)
		abort();
	return strcpy(out, text);
}

static void rename_module(spec_linked *m, const char *name)
{
	free(m->name);
	m->name = copy(name);
}

/* A module is linked if it can be and nothing is left to import. */
static void add_module(spec_program *p, const json *command, const char *folder)
{
	char number[32];
	spec_linked *m = &p->list[p->count++];
	snprintf(number, sizeof number, "#%u", p->count);
	*m = (spec_linked){.command = command, .name = copy(number), .linked = true, .error = VSP_ERROR_INIT};
	m->bytes = spec_read_file(folder, json_text(command, "filename"), &m->size);
	vsp_module *module = translate_all(p, NULL, 0, folder, &m->error);
	if (module && vsp_module_import_count(module))
		snprintf(m->error.message, sizeof m->error.message, "it imports a function that is not there");
	m->linked = module && !vsp_module_import_count(module);
	vsp_module_free(module);
}

/* The last one of the first modules, or the last of a name; null when there is none. */
static spec_linked *find_module(const spec_program *p, unsigned count, const char *name)
{
	spec_linked *found = NULL;
	for (unsigned i = 0; i < count; i++) {
		const json *c = p->list[i].command;
		if (is_type(c, "module") && (!*name || strcmp(json_text(c, "name"), name) == 0))
			found = &p->list[i];
	}
	return found;
}

/* Gives a module the name by which others import it. */
static void register_module(spec_program *p, const json *command)
{
	const char *as = json_text(command, "as");
	spec_linked *found = find_module(p, p->count, json_text(command, "name"));
	for (unsigned i = 0; i < p->count; i++) {
		char number[32];
		snprintf(number, sizeof number, "#%u", i + 1);
		if (strcmp(p->list[i].name, as) == 0)
			rename_module(&p->list[i], number);
	}
	if (found)
		rename_module(found, as);
}

static bool is_listed(const spec_program *p, const spec_global *g)
{
	for (unsigned i = 0; i < p->global_count; i++)
		if (strcmp(p->globals[i].module, g->module) == 0 && strcmp(p->globals[i].field, g->field) == 0)
			return true;
	return false;
}

static bool can_read(const spec_program *p, const spec_global *g, const char *folder)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = translate_all(p, g, 1, folder, &error);
	vsp_module_free(module);
	return module;
}

/* Notes the global that a command behind so many modules reads: a constant if it can be imported as
   one. */
static void add_global(spec_program *p, unsigned count, const json *command, const char *folder)
{
	const json *action = json_get(command, "action"), *expected = json_get(command, "expected");
	const spec_linked *m = find_module(p, count, json_text(action, "module"));
	if (!m || !m->linked || !expected || !expected->first)
		return;
	spec_global g = {m->name, json_text(action, "field"), json_text(expected->first, "type"), false};
	if (is_listed(p, &g))
		return;
	g.variable = !can_read(p, &g, folder);
	if (!g.variable || can_read(p, &g, folder))
		p->globals[p->global_count++] = g;
}

/* Modules are renamed until all commands are read, so this comes afterwards. */
static void add_globals(spec_program *p, const json *commands, const char *folder)
{
	unsigned count = 0;
	for (const json *c = commands->first; c; c = c->next) {
		count += count < p->count && p->list[count].command == c;
		if (reads_global(c))
			add_global(p, count, c, folder);
	}
}

void spec_program_make(spec_program *p, const json *commands, const char *folder)
{
	vsp_error error = VSP_ERROR_INIT;
	unsigned most = 0;
	for (const json *c = commands->first; c; c = c->next)
		most++;
	*p = (spec_program){.list = calloc(most + 1, sizeof *p->list), .globals = calloc(most + 1, sizeof *p->globals)};
	if (!p->list || !p->globals)
		abort();
	for (const json *c = commands->first; c; c = c->next)
		if (is_type(c, "module") || is_type(c, "assert_uninstantiable") || is_type(c, "assert_unlinkable"))
			add_module(p, c, folder);
		else if (is_type(c, "register"))
			register_module(p, c);
	add_globals(p, commands, folder);
	p->module = translate_all(p, p->globals, p->global_count, folder, &error);
	if (!p->module) {
		fprintf(stderr, "linking: %s\n", error.message);
		exit(1);
	}
}

void spec_program_free(spec_program *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		free(p->list[i].name);
		free(p->list[i].bytes);
	}
	free(p->list);
	free(p->globals);
	vsp_module_free(p->module);
	*p = (spec_program){.count = 0};
}

const spec_linked *spec_program_find(const spec_program *p, const json *command)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->list[i].command == command)
			return &p->list[i];
	return NULL;
}
