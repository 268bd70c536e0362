/*
 * Shared objects and executables: the system's compiler driver links the one object, found at run time. The output is made beside its final name
 * and renamed, so that it is there whole or not at all.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/error.h"
#include "runtime/platform.h"

enum { WORDS = 20, OUTPUT = 8192 };

typedef struct command {
	const char *words[WORDS];
	unsigned count;
} command;

static void add(command *c, const char *word)
{
	if (word && c->count + 1 < WORDS)
		c->words[c->count++] = word;
}

static void add_options(aot_job *job, command *c)
{
	if (!job->native)
		add(c, aot_format(job, "--target=%s", job->triple));
	if (job->options.kind == AOT_SHARED) {
		add(c, "-shared");
		add(c, "-Wl,-z,nodelete"); /* a signal handler may be in it */
	}
	add(c, "-Wl,--strip-debug");
	add(c, "-Wl,--gc-sections");
}

/* The command as one would type it. */
static const char *command_text(aot_job *job, const command *c)
{
	const char *text = "";
	for (unsigned i = 0; i < c->count && text; i++)
		text = aot_format(job, "%s%s%s", text, i ? " " : "", c->words[i]);
	return text ? text : "";
}

/* Tries the drivers in turn until one can be started. */
static vsp_plat_run_result run_driver(command *c, bool native, char *output, int *status)
{
	static const char *const for_this[] = {"cc", "clang", "clang-22", "gcc", NULL};
	static const char *const for_others[] = {"clang", "clang-22", NULL};
	const char *chosen[] = {getenv("VSP_CC"), NULL};
	const char *const *names = chosen[0] && *chosen[0] ? chosen : native ? for_this : for_others;
	vsp_plat_run_result result = VSP_PLAT_RUN_MISSING;
	for (; *names && result == VSP_PLAT_RUN_MISSING; names++) {
		c->words[0] = *names;
		result = vsp_plat_run(c->words, output, OUTPUT, status);
	}
	return result;
}

static vsp_status run_link(aot_job *job, command *c)
{
	char output[OUTPUT];
	int status = 0;
	vsp_plat_run_result result = run_driver(c, job->native, output, &status);
	const char *text = command_text(job, c);
	if (result == VSP_PLAT_RUN_MISSING)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "linking needs a C compiler (cc, clang or gcc, or what VSP_CC names), and none is installed; "
		        ".o "
		        "and .a can be made without. The command: %s",
		        text);
	if (result == VSP_PLAT_RUN_FAILED)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "cannot start the linker: %s", text);
	if (status == 0)
		return VSP_OK;
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "linking failed: %s\n%s", text, output);
}

static vsp_status link_files(aot_job *job, const char *object, const char *made)
{
	command c = {.words = {"cc"}, .count = 1};
	add_options(job, &c);
	add(&c, "-o");
	add(&c, made);
	add(&c, object);
	add(&c, "-lm");
	add(&c, "-pthread");
	if (run_link(job, &c) != VSP_OK)
		return job->error->code;
	if (rename(made, job->path) != 0)
		return vsp_error_set(job->error, VSP_E_IO, "cannot write '%s'", job->path);
	return VSP_OK;
}

vsp_status aot_link(aot_job *job, const void *object, size_t size)
{
	uint64_t salt = vsp_plat_clock_ns();
	vsp_plat_random(&salt, sizeof salt);
	char *made = aot_format(job, "%s.%016llx", job->path, (unsigned long long)salt);
	char *input = made ? aot_format(job, "%s.o", made) : NULL;
	if (!input)
		return aot_fail_memory(job);
	const char *why = vsp_plat_file_write(input, object, size);
	if (why)
		return vsp_error_set(job->error, VSP_E_IO, "cannot write '%s': %s", input, why);
	vsp_status status = link_files(job, input, made);
	remove(input);
	if (status != VSP_OK)
		remove(made);
	return status;
}
