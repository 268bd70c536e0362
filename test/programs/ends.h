/*
 * Two runs of a program in one process, for tests that compare ways to run it: instances, and what
 * is different at their ends.
 */
#ifndef VSP_TEST_ENDS_H
#define VSP_TEST_ENDS_H

#include <stdio.h>
#include <string.h>

#include <vsp/vsp.h>

enum { FUEL = 3000000 };

/*
 * An instance of the program with fuel and nothing but the standard capabilities, or null, with a
 * message, when it has imports or does not assemble.
 */
static vsp_instance *instance_of(const char *path, vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	config->limit_fuel = 1;
	config->fuel = FUEL;
	config->capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS;
	vsp_module *module = vsp_module_load_file(path, NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, config, &error) : NULL;
	if (!instance)
		fprintf(stderr, "%s: %s\n", path, error.message);
	vsp_module_free(module);
	return instance;
}

/* The first thing in which the ends of two runs with these errors differ, but for their states, or
   null. */
static const char *difference_of_ends(
        const vsp_instance *a, const vsp_instance *b, const vsp_error *x, const vsp_error *y)
{
	vsp_state_view s = VSP_STATE_INIT, t = VSP_STATE_INIT;
	size_t n, m;
	const char *text = vsp_output(a, &n), *other = vsp_output(b, &m);
	vsp_state(a, &s);
	vsp_state(b, &t);
	if (x->code != y->code || x->trap != y->trap || x->trap_code != y->trap_code || x->pc != y->pc ||
	        x->line != y->line)
		return "the error";
	if (s.end != t.end || s.exit_code != t.exit_code)
		return "the end";
	return n != m || memcmp(text, other, n) != 0 ? "the output" : NULL;
}

#endif
