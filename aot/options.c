/*
 * The options of vsp_aot_compile, the same words as on vspc's command line.
 */
#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/error.h"

/* ---- values ---- */

static vsp_status bad_value(aot_job *job, const char *option, const char *value, const char *wanted)
{
	return vsp_error_set(
	        job->error, VSP_E_ARGUMENT, "'%s' is no value for '%s'; it takes %s", value, option, wanted);
}

static vsp_status set_number(aot_job *job, const char *option, const char *value, uint64_t most, uint64_t *to)
{
	char *end;
	unsigned long long number = strtoull(value, &end, 0);
	if (*value < '0' || *value > '9' || *end || number > most)
		return bad_value(job, option, value, "a number");
	*to = number;
	return VSP_OK;
}

static vsp_status set_level(aot_job *job, const char *value)
{
	if (strlen(value) != 1 || *value < '0' || *value > '3')
		return bad_value(job, "-O", value, "0, 1, 2 or 3");
	job->options.level = (unsigned)(*value - '0');
	return VSP_OK;
}

static vsp_status set_bounds(aot_job *job, const char *value)
{
	aot_options *o = &job->options;
	o->explicit_bounds = strcmp(value, "explicit") == 0;
	o->guard_pages = strcmp(value, "guard") == 0;
	if (!o->explicit_bounds && !o->guard_pages)
		return bad_value(job, "--bounds", value, "guard or explicit");
	return VSP_OK;
}

static vsp_status set_spectre(aot_job *job, const char *value)
{
	job->options.mask = strcmp(value, "mask") == 0;
	if (!job->options.mask && strcmp(value, "off") != 0)
		return bad_value(job, "--spectre", value, "off or mask");
	return VSP_OK;
}

static vsp_status set_gpu(aot_job *job, const char *value)
{
	static const char *const values[] = {[AOT_GPU_AUTO] = "auto", [AOT_GPU_ON] = "on", [AOT_GPU_OFF] = "off"};
	unsigned n = 0;
	while (n <= AOT_GPU_OFF && strcmp(values[n], value) != 0)
		n++;
	job->options.gpu = (enum aot_gpu)n;
	return n <= AOT_GPU_OFF ? VSP_OK : bad_value(job, "--gpu", value, "auto, on or off");
}

/* Names of capabilities, separated by commas, or a number. */
static vsp_status set_capabilities(aot_job *job, const char *option, const char *value, uint32_t *to)
{
	static const struct capability {
		const char *name;
		uint32_t bits;
	} capabilities[] = {
#define CAPABILITY(NAME, bit, name) {name, VSP_CAP_##NAME},
#include "runtime/capabilities.def"
	        {"all", UINT32_MAX},
	};
	enum { COUNT = sizeof capabilities / sizeof capabilities[0] };
	for (const char *at = value;; at++) {
		size_t n = strcspn(at, ","), i = 0;
		while (i < COUNT && (strlen(capabilities[i].name) != n || memcmp(capabilities[i].name, at, n) != 0))
			i++;
		if (i == COUNT)
			return bad_value(job, option, value, "a list of capabilities");
		*to |= capabilities[i].bits;
		at += n;
		if (!*at)
			return VSP_OK;
	}
}

/* ---- options ---- */

static vsp_status set_text(const char **to, const char *value)
{
	*to = value;
	return VSP_OK;
}

static vsp_status set_flag(bool *to)
{
	*to = true;
	return VSP_OK;
}

static vsp_status set_max_depth(aot_job *job, const char *option, const char *value)
{
	uint64_t depth = 0;
	vsp_status status = set_number(job, option, value, UINT32_MAX, &depth);
	job->options.max_depth = (uint32_t)depth;
	return status;
}

static vsp_status set_fuel(aot_job *job, const char *option, const char *value)
{
	uint64_t fuel = 0;
	vsp_status status = set_number(job, option, value, INT64_MAX, &fuel);
	job->options.fuel = (int64_t)fuel;
	job->options.fuel_on = true;
	return status;
}

/* The value of --name=value, or null when the word is another option. */
static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);
	return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static vsp_status set_valued(aot_job *job, const char *word)
{
	aot_options *o = &job->options;
	const char *v;
	if ((v = value_of(word, "--target")))
		return set_text(&o->target, v);
	if ((v = value_of(word, "--mcpu")))
		return set_text(&o->cpu, v);
	if ((v = value_of(word, "--mattr")))
		return set_text(&o->attributes, v);
	if ((v = value_of(word, "--aot-prefix")))
		return set_text(&o->prefix, v);
	if ((v = value_of(word, "--profile-use")))
		return set_text(&o->profile, v);
	if ((v = value_of(word, "--scratch")))
		return set_text(&o->scratch, v);
	if ((v = value_of(word, "--bounds")))
		return set_bounds(job, v);
	if ((v = value_of(word, "--spectre")))
		return set_spectre(job, v);
	if ((v = value_of(word, "--allow")))
		return set_capabilities(job, "--allow", v, &o->capabilities);
	if ((v = value_of(word, "--deny")))
		return set_capabilities(job, "--deny", v, &o->denied);
	if ((v = value_of(word, "--dir")))
		return aot_add_dir(job, v);
	if ((v = value_of(word, "--env")))
		return aot_add_env(job, v);
	if ((v = value_of(word, "--gpu")))
		return set_gpu(job, v);
	if ((v = value_of(word, "--max-memory")))
		return set_number(job, "--max-memory", v, UINT64_MAX, &o->max_memory);
	if ((v = value_of(word, "--max-depth")))
		return set_max_depth(job, "--max-depth", v);
	if ((v = value_of(word, "--fuel")))
		return set_fuel(job, "--fuel", v);
	return vsp_error_set(job->error, VSP_E_ARGUMENT, "unknown option '%s'", word);
}

static vsp_status set_option(aot_job *job, const char *word)
{
	aot_options *o = &job->options;
	if (strncmp(word, "-O", 2) == 0)
		return set_level(job, word + 2);
	if (strcmp(word, "--no-signals") == 0)
		return set_flag(&o->no_signals);
	if (strcmp(word, "--precise-traps") == 0)
		return set_flag(&o->precise);
	if (strcmp(word, "--deterministic") == 0)
		return set_flag(&o->deterministic);
	if (strcmp(word, "--check-kernels") == 0)
		return set_flag(&o->check_kernels);
	if (strcmp(word, "--status-returns") == 0)
		return set_flag(&o->status);
	if (strcmp(word, "-v") == 0)
		return set_flag(&o->verbose);
	return set_valued(job, word);
}

/* ---- the kind ---- */

static aot_kind kind_of(const char *path)
{
	static const char *const suffixes[] = {
#define KIND(NAME, suffix, ...) suffix,
#include "kinds.def"
	};
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path, *dot = strrchr(name, '.');
	for (unsigned kind = 0; kind < AOT_KINDS; kind++)
		if (strcmp(dot && dot != name ? dot : "", suffixes[kind]) == 0)
			return (aot_kind)kind;
	return AOT_KINDS;
}

/* Windows' names for kinds that other systems have too. */
static void set_kind(aot_options *o, aot_kind kind)
{
	static const bool runtime[] = {
#define KIND(NAME, suffix, runtime, text) runtime,
#include "kinds.def"
	        false};
	o->runtime = runtime[kind];
	o->windows_name = kind == AOT_DLL || kind == AOT_EXE;
	o->kind = kind == AOT_DLL ? AOT_SHARED : kind == AOT_EXE ? AOT_EXECUTABLE : kind;
}

static const char known_suffixes[] =
#define KIND(NAME, suffix, ...) " " suffix
#include "kinds.def"
        ;

static vsp_status check_together(aot_job *job)
{
	aot_options *o = &job->options;
	if (o->kind == AOT_KINDS)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'%s': what to make follows from the suffix:%s; none means an executable", job->path,
		        known_suffixes);
	if (o->mask && o->guard_pages)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'--spectre=mask' and '--bounds=guard' cannot be used together: what is masked are checked "
		        "addresses");
	o->explicit_bounds |= o->mask;
	if (o->no_signals && !o->explicit_bounds)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'--no-signals' needs '--bounds=explicit': guard pages are caught by a signal handler");
	return VSP_OK;
}

vsp_status aot_parse_options(aot_job *job, const char *const *words, size_t count)
{
	aot_options *o = &job->options;
	*o = (aot_options){.level = 2, .cpu = "", .attributes = "", .prefix = ""};
	set_kind(o, kind_of(job->path));
	o->capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS;
	for (size_t i = 0; i < count; i++)
		if (set_option(job, words[i]) != VSP_OK)
			return job->error->code;
	o->capabilities &= ~o->denied;
	return check_together(job);
}

bool aot_has_loop(const aot_job *job, uint32_t func)
{
	const aot_options *o = &job->options;
	return job->data->funcs[func].kind == VSP_KIND_KERNEL && !o->fuel_on && !o->check_kernels;
}
