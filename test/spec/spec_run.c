/*
 * The specification's tests through the public interface:
 *
 *     spec_run TIER BOUNDS file.json...
 *
 * TIER is interp, 1, 2, aot or text, which is interp with what the disassembly of each module
 * assembles to; BOUNDS is guard or explicit. Of each file it prints how many assertions and actions
 * passed, how many failed, and how many could not be made because their module was refused as not
 * supported (or needs such a module). What failed goes to stderr, as does each reason for a
 * refusal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp.h>

#include "json.h"
#include "spec_aot.h"
#include "spec_files.h"
#include "spec_link.h"
#include "spec_text.h"
#include "spec_values.h"

enum { MOST = 16 };

/* An instance of this process's tiers, or of a module compiled ahead of time: one of both is
   null. */
typedef struct unit {
	vsp_module *module;
	vsp_instance *instance;
	spec_aot *aot;
} unit;

/* A module of the file, with the name by which later commands know it. */
typedef struct named {
	unit *unit; /* null: it was refused */
	const char *name;
	const char *linked; /* its name in the unit, or "" when it is the unit's only one */
	struct named *before;
} named;

typedef struct run {
	const char *path, *folder;
	vsp_config config;
	bool aot, text;
	bool links;           /* modules are linked: */
	spec_program program; /* into one, */
	unit *linked;         /* which is this unit */
	named *last;
	unsigned passed, failed, unsupported;
} run;

static void report(const run *r, const json *command, const char *what, const char *detail)
{
	fprintf(stderr, "%s:%s: %s: %s\n", r->path, json_text(command, "line"), what, detail);
}

/* ---- units ---- */

static vsp_status call_unit(unit *u, const char *name, const int64_t *args, int64_t *results, vsp_error *error)
{
	return u->aot ? spec_aot_call(u->aot, name, args, results, error)
	              : vsp_call(u->instance, name, args, results, error);
}

static vsp_status define_import(
        unit *u, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn, void *user, vsp_error *error)
{
	return u->aot ? spec_aot_define(u->aot, name, params, results, fn, user, error)
	              : vsp_define_import(u->instance, name, params, results, fn, user, error);
}

static void free_unit(unit *u)
{
	if (!u)
		return;
	vsp_free(u->instance);
	spec_aot_free(u->aot);
	vsp_module_free(u->module);
	free(u);
}

static named *find_named(run *r, const char *name)
{
	named *n = r->last;
	while (n && *name && strcmp(n->name, name) != 0)
		n = n->before;
	return n;
}

static int call_nothing(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return VSP_OK;
}

/* Defines the functions of spectest, which do nothing. */
static void define_spectest(unit *u)
{
	for (uint32_t i = 0; i < vsp_module_import_count(u->module); i++) {
		const char *name;
		uint32_t params, results;
		vsp_error error = VSP_ERROR_INIT;
		vsp_module_import(u->module, i, &name, &params, &results);
		if (strncmp(name, "spectest.print", 14) == 0)
			define_import(u, name, params, results, call_nothing, NULL, &error);
	}
}

/* A unit of a module, which may be null. */
static unit *open_unit(run *r, vsp_module *module, vsp_error *error)
{
	unit *u = calloc(1, sizeof *u);
	if (!u)
		abort();
	u->module = module && r->text ? spec_text_again(module, error) : module;
	if (u->module && r->aot)
		u->aot = spec_aot_new(u->module, r->config.bounds == VSP_CONFIG_BOUNDS_EXPLICIT, error);
	else if (u->module)
		u->instance = vsp_instantiate(u->module, &r->config, error);
	if (u->aot || u->instance) {
		define_spectest(u);
		return u;
	}
	free_unit(u);
	return NULL;
}

/* The module of a command as a unit of its own that is started, or null with *error. */
static unit *make_unit(run *r, const json *command, vsp_error *error)
{
	size_t size;
	uint8_t *bytes = spec_read_file(r->folder, json_text(command, "filename"), &size);
	unit *u = open_unit(r, spec_load(bytes, size, r->folder, error), error);
	free(bytes);
	if (u && call_unit(u, "_vsp_initialize", NULL, NULL, error) == VSP_OK)
		return u;
	free_unit(u);
	return NULL;
}

/* The same for a linked module: the unit that it is in. */
static unit *start_linked(run *r, const spec_linked *m, vsp_error *error)
{
	char name[512];
	*error = m->error;
	if (!m->linked)
		return NULL;
	snprintf(name, sizeof name, "%s._vsp_initialize", m->name);
	return call_unit(r->linked, name, NULL, NULL, error) == VSP_OK ? r->linked : NULL;
}

static bool is_unsupported(const vsp_error *error) { return strstr(error->message, "not supported"); }

static void add_module(run *r, const json *command)
{
	named *n = calloc(1, sizeof *n);
	vsp_error error = VSP_ERROR_INIT;
	if (!n)
		abort();
	const spec_linked *m = r->links ? spec_program_find(&r->program, command) : NULL;
	*n = (named){.name = json_text(command, "name"), .linked = m ? m->name : "", .before = r->last};
	n->unit = m ? start_linked(r, m, &error) : make_unit(r, command, &error);
	r->last = n;
	if (!n->unit) {
		r->failed += !is_unsupported(&error) && error.code != VSP_E_LINK;
		report(r, command, "module", error.message);
	}
}

/* ---- actions ---- */

typedef enum outcome { UNSUPPORTED, RETURNED, TRAPPED } outcome;

static outcome act(run *r, const json *action, int64_t results[MOST], vsp_error *error)
{
	char name[256]; /* longer ones are cut by the translator too */
	named *n = find_named(r, json_text(action, "module"));
	bool reads = strcmp(json_text(action, "type"), "get") == 0; /* a global */
	int64_t args[MOST] = {0};
	unsigned count = 0;
	if (!n || !n->unit)
		return UNSUPPORTED;
	for (const json *a = reads ? NULL : json_get(action, "args")->first; a; a = a->next, count++)
		if (count == MOST || !spec_value(a, &args[count]))
			return UNSUPPORTED;
	if (reads)
		spec_globals_reader(n->linked, json_text(action, "field"), name, sizeof name);
	else
		snprintf(name, sizeof name, "%s%s%s", n->linked, *n->linked ? "." : "", json_text(action, "field"));
	vsp_status status = call_unit(n->unit, name, args, results, error);
	if (status == VSP_TRAPPED)
		return TRAPPED;
	return status == VSP_OK ? RETURNED : UNSUPPORTED;
}

static void count(run *r, const json *command, bool good, const char *detail)
{
	r->passed += good;
	r->failed += !good;
	if (!good)
		report(r, command, json_text(command, "type"), detail);
}

static void check_return(run *r, const json *command)
{
	int64_t results[MOST] = {0};
	vsp_error error = VSP_ERROR_INIT;
	outcome how = act(r, json_get(command, "action"), results, &error);
	unsigned i = 0;
	bool good = how == RETURNED;
	if (how == UNSUPPORTED) {
		r->unsupported++;
		return;
	}
	const json *expected = strcmp(json_text(command, "type"), "action") == 0 ? NULL : json_get(command, "expected");
	for (const json *e = expected ? expected->first : NULL; e && good; e = e->next, i++)
		good = spec_matches(e, results[i]);
	char detail[160];
	snprintf(detail, sizeof detail, "%s: result %u is 0x%" PRIx64 " %.60s",
	        json_text(json_get(command, "action"), "field"), i - (i > 0), (uint64_t)results[i - (i > 0)],
	        error.message);
	count(r, command, good, detail);
}

/* The trap that WebAssembly's words stand for. */
static bool is_trap(const char *text, const vsp_error *error)
{
	static const struct words {
		const char *text;
		vsp_trap trap;
		uint32_t code;
	} words[] = {{"out of bounds memory access", VSP_TRAP_OUT_OF_BOUNDS, 0},
	        {"integer divide by zero", VSP_TRAP_DIV_BY_ZERO, 0}, {"unreachable", VSP_TRAP_EXPLICIT, 0xE0},
	        {"integer overflow", VSP_TRAP_EXPLICIT, 0xE1},
	        {"invalid conversion to integer", VSP_TRAP_EXPLICIT, 0xE2},
	        {"undefined element", VSP_TRAP_BAD_FUNCTION, 0}, {"uninitialized element", VSP_TRAP_BAD_FUNCTION, 0},
	        {"indirect call type mismatch", VSP_TRAP_BAD_FUNCTION, 0},
	        {"out of bounds table access", VSP_TRAP_EXPLICIT, 0xE3},
	        {"call stack exhausted", VSP_TRAP_CALL_DEPTH, 0}};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(text, words[i].text, strlen(words[i].text)) == 0)
			return error->trap == words[i].trap && error->trap_code == words[i].code &&
			       (error->trap != VSP_TRAP_BAD_FUNCTION || strstr(error->message, words[i].text));
	return false;
}

static void check_trap(run *r, const json *command)
{
	int64_t results[MOST];
	vsp_error error = VSP_ERROR_INIT;
	outcome how = act(r, json_get(command, "action"), results, &error);
	if (how == UNSUPPORTED)
		r->unsupported++;
	else
		count(r, command, how == TRAPPED && is_trap(json_text(command, "text"), &error),
		        how == TRAPPED ? error.message : "it returned");
}

/* A module that must not become an instance. */
static void check_refused(run *r, const json *command)
{
	vsp_error error = VSP_ERROR_INIT;
	const spec_linked *m = r->links ? spec_program_find(&r->program, command) : NULL;
	unit *u = m ? start_linked(r, m, &error) : make_unit(r, command, &error);
	if (!u && is_unsupported(&error))
		r->unsupported++;
	else
		count(r, command, !u, "it was accepted");
	if (!m)
		free_unit(u);
}

static void run_command(run *r, const json *command)
{
	const char *type = json_text(command, "type");
	if (strcmp(type, "module") == 0)
		add_module(r, command);
	else if (strcmp(type, "assert_return") == 0 || strcmp(type, "action") == 0)
		check_return(r, command);
	else if (strcmp(type, "assert_trap") == 0 || strcmp(type, "assert_exhaustion") == 0)
		check_trap(r, command);
	else if (strcmp(type, "assert_uninstantiable") == 0 || strcmp(type, "assert_unlinkable") == 0)
		check_refused(r, command);
}

static void link_modules(run *r, const json *commands)
{
	vsp_error error = VSP_ERROR_INIT;
	r->links = spec_links(commands);
	if (!r->links)
		return;
	spec_program_make(&r->program, commands, r->folder);
	r->linked = open_unit(r, vsp_module_retain(r->program.module), &error);
	if (!r->linked) {
		fprintf(stderr, "%s: %s\n", r->path, error.message);
		exit(1);
	}
}

static void close_units(run *r)
{
	while (r->last) {
		named *n = r->last;
		r->last = n->before;
		if (n->unit != r->linked)
			free_unit(n->unit);
		free(n);
	}
	free_unit(r->linked);
	if (r->links)
		spec_program_free(&r->program);
}

static void run_file(run *r)
{
	char folder[4096];
	size_t size;
	char *text = (char *)spec_read_file("", r->path, &size);
	json *tests = json_read(text);
	spec_folder(r->path, folder, sizeof folder);
	r->folder = folder;
	if (tests)
		link_modules(r, json_get(tests, "commands"));
	for (const json *c = tests ? json_get(tests, "commands")->first : NULL; c; c = c->next)
		run_command(r, c);
	const char *name = r->path + strlen(folder);
	printf("%.*s passed %u failed %u unsupported %u\n", (int)strcspn(name, "."), name, r->passed, r->failed,
	        r->unsupported);
	close_units(r);
	json_free(tests);
	free(text);
}

int main(int argc, char **argv)
{
	vsp_config config = VSP_CONFIG_INIT;
	if (argc < 3)
		return 2;
	config.tier = argv[1][0] == '1' ? VSP_TIER_1 : argv[1][0] == '2' ? VSP_TIER_2 : VSP_TIER_INTERP;
	config.bounds = strcmp(argv[2], "guard") == 0 ? VSP_CONFIG_BOUNDS_GUARD : VSP_CONFIG_BOUNDS_EXPLICIT;
	config.deterministic = config.tier != VSP_TIER_INTERP;
	config.sync_compile = 1;
	config.max_depth = 1000;
	for (int i = 3; i < argc; i++) {
		run r = {.path = argv[i],
		        .config = config,
		        .aot = strcmp(argv[1], "aot") == 0,
		        .text = strcmp(argv[1], "text") == 0};
		run_file(&r);
	}
	return 0;
}
