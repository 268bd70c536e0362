/*
 * The command line: finding options in the table, and the effect of each.
 */
#include "vspc.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/nearest.h"
#include "runtime/backends/provider.h"
#include "runtime/platform/platform.h"

/* ---- suggestions ---- */

/* The first option of the table that begins as word does, which must be longer than "--". */
static const char *completed_option(const char *word, size_t length)
{
	for (int i = 0; i < VSPC_OPTIONS && length > 2; i++)
		if (strncmp(vspc_option_table[i].spelling, word, length) == 0)
			return vspc_option_table[i].spelling;
	return NULL;
}

/* The option a word names; *value = the text joined to it, or null. VSPC_OPTIONS: none. */
static vspc_option_id find_option(const char *word, const char **value)
{
	*value = NULL;
	for (int i = 0; i < VSPC_OPTIONS; i++) {
		const vspc_option *option = &vspc_option_table[i];
		size_t n = strlen(option->spelling);
		if (strncmp(word, option->spelling, n) != 0)
			continue;
		if (word[n] && option->argument == VSPC_JOINED)
			*value = word + n;
		else if (word[n] == '=')
			*value = word + n + 1;
		else if (word[n])
			continue;
		return (vspc_option_id)i;
	}
	return VSPC_OPTIONS;
}

bool vspc_is_option(const char *word)
{
	const char *value;
	return word[0] == '-' && find_option(word, &value) != VSPC_OPTIONS;
}

/* An option with a hyphen less, one whose spelling is near, or one of which the word is the
   beginning. */
const char *vspc_nearest_option(const char *word)
{
	const char *value;
	size_t length = strcspn(word, "=");
	if (word[0] == '-' && find_option(word + 1, &value) != VSPC_OPTIONS)
		return word + 1;
	vsp_nearest guess = vsp_nearest_start(word, length);
	for (int i = 0; i < VSPC_OPTIONS; i++) {
		const char *spelling = vspc_option_table[i].spelling;
		if (strlen(spelling) > 2) /* one letter is near to any other */
			vsp_nearest_try(&guess, spelling, strlen(spelling));
	}
	return guess.best ? guess.best : completed_option(word, length);
}

/* ---- words ---- */

/* Position of the n bytes at word in a list of words separated by '|', or -1. */
static int find_word(const char *list, const char *word, size_t n)
{
	for (int i = 0;; i++) {
		size_t size = strcspn(list, "|");
		if (size == n && memcmp(list, word, n) == 0)
			return i;
		if (!list[size])
			return -1;
		list += size + 1;
	}
}

static int bad_value(const vspc_option *option, const char *value, const char *wanted)
{
	return vspc_error("'%s' is no value for '%s'; it takes %s", value, option->spelling, wanted);
}

static int set_count(const vspc_option *option, const char *value, uint64_t least, uint64_t most, uint64_t *to)
{
	if (!vspc_parse_count(value, most, to) || *to < least)
		return vspc_error("'%s' is no value for '%s'; it takes a number from %llu to %llu", value,
		        option->spelling, (unsigned long long)least, (unsigned long long)most);
	return 0;
}

static int set_count32(const vspc_option *option, const char *value, uint32_t *to)
{
	uint64_t count = 0;
	int wrong = set_count(option, value, 1, UINT32_MAX, &count);
	*to = (uint32_t)count;
	return wrong;
}

static int set_threads(const vspc_option *option, const char *value, vsp_config *config)
{
	enum { MOST = 256 };
	uint64_t count = 0;
	int wrong = set_count(option, value, 1, MOST, &count);
	config->threads = (uint32_t)count;
	return wrong;
}

/* 0 means at once, which is what a count of 1 does. */
static int set_threshold(const vspc_option *option, const char *value, uint32_t *to)
{
	uint64_t count = 0;
	int wrong = set_count(option, value, 0, UINT32_MAX, &count);
	*to = count ? (uint32_t)count : 1;
	return wrong;
}

/* named: those that value has by their own names, not by "all". */
static int set_capabilities(const vspc_option *option, const char *value, uint32_t *to, uint32_t *named)
{
	static const char names[] = ""
#define CAPABILITY(NAME, bit, name) name "|"
#include "runtime/capabilities.def"
	                            "all";
	static const uint32_t bits[] = {
#define CAPABILITY(NAME, bit, name) VSP_CAP_##NAME,
#include "runtime/capabilities.def"
#define CAPABILITY(NAME, bit, name) VSP_CAP_##NAME |
#include "runtime/capabilities.def"
	        0};
	for (const char *at = value;; at++) {
		size_t n = strcspn(at, ",");
		int which = find_word(names, at, n);
		if (which < 0)
			return bad_value(option, value,
			        "a list of "
#define CAPABILITY(NAME, bit, name) name ", "
#include "runtime/capabilities.def"
			        "all");
		*to |= bits[which];
		if (which < (int)(sizeof bits / sizeof *bits) - 1)
			*named |= bits[which];
		at += n;
		if (!*at)
			return 0;
	}
}

static int set_tier(const vspc_option *option, const char *value, vsp_config *config)
{
	static const int tiers[] = {VSP_TIER_AUTO, VSP_TIER_INTERP, VSP_TIER_BASELINE, VSP_TIER_1, VSP_TIER_2};
	int which = find_word(option->placeholder, value, strlen(value));
	if (which < 0)
		return bad_value(option, value, "auto, interp, baseline, 1 or 2");
	config->tier = tiers[which];
	return 0;
}

/* As https://no-color.org specifies, and for terminals that know no colours. */
static bool wants_color(void)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return vsp_plat_is_terminal(2) && !(none && *none) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static int set_color(const vspc_option *option, const char *value, vspc_options *o)
{
	int which = value ? find_word(option->placeholder, value, strlen(value)) : 1;
	if (which < 0)
		return bad_value(option, value, "auto, always or never");
	o->color = which == 0 ? wants_color() : which == 1;
	return 0;
}

static int set_backend(const vspc_option *option, const char *value, vsp_config *config)
{
	static const uint32_t kinds[] = {VSP_BACKEND_AUTO, VSP_BACKEND_CPU, VSP_BACKEND_GPU, VSP_BACKEND_NPU};
	int which = find_word(option->placeholder, value, strlen(value));
	if (which < 0)
		return bad_value(option, value, "auto, cpu, gpu or npu");
	config->backend = kinds[which];
	return 0;
}

static int set_npu(const vspc_option *option, const char *value, vsp_config *config)
{
	char why[VSP_REASON_SIZE];
	config->npu = value;
	return vsp_npu_is_written_well(value, why, sizeof why)
	               ? 0
	               : vspc_error("'%s' is no value for '%s': %s; it takes NAME[,KEY=VALUE]...[,strict]", value,
	                         option->spelling, why);
}

static int add_model(const vspc_option *option, const char *value, vspc_options *o)
{
	const char *equals = strchr(value, '=');
	if (!equals || equals == value || !equals[1])
		return bad_value(option, value, "NAME=FILE");
	if (o->model_count == MODELS)
		return vspc_error("'--model' names more than %d models", MODELS);
	o->models[o->model_count++] = value;
	return 0;
}

static int add_preload(const vspc_option *option, const char *value, vspc_options *o)
{
	const char *equals = strchr(value, '=');
	if (!equals || equals == value || !equals[1])
		return bad_value(option, value, "NAME=FILE");
	if (o->preload_count == PRELOADS)
		return vspc_error("'--preload' names more than %d modules", PRELOADS);
	o->preloads[o->preload_count++] = value;
	return 0;
}

/* The values that are one word. */
static int set_word(const vspc_option *option, const char *value, const char *word, bool *to)
{
	if (value && strcmp(value, word) != 0)
		return bad_value(option, value, word);
	*to = value != NULL;
	return 0;
}

static int set_bounds(const vspc_option *option, const char *value, vsp_config *config)
{
	int which = find_word(option->placeholder, value, strlen(value));
	if (which < 0)
		return bad_value(option, value, "guard or explicit");
	config->bounds = which ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_GUARD;
	return 0;
}

static int set_spectre(const vspc_option *option, const char *value, vsp_config *config)
{
	int which = find_word(option->placeholder, value, strlen(value));
	if (which < 0)
		return bad_value(option, value, "off or mask");
	config->spectre = which ? VSP_SPECTRE_MASK : VSP_SPECTRE_OFF;
	return 0;
}

static int set_fuel(const vspc_option *option, const char *value, vsp_config *config)
{
	uint64_t fuel = 0;
	int wrong = set_count(option, value, 0, INT64_MAX, &fuel);
	config->fuel = (int64_t)fuel;
	config->limit_fuel = 1;
	return wrong;
}

static int set_bytes(const vspc_option *option, const char *value, uint64_t *bytes)
{
	if (!vspc_parse_bytes(value, bytes) || !*bytes)
		return bad_value(option, value, "a number of bytes such as 64M");
	return 0;
}

static int set_timeout(const vspc_option *option, const char *value, vspc_options *o)
{
	if (!vspc_parse_time(value, &o->timeout_ns) || !o->timeout_ns)
		return bad_value(option, value, "a time such as 5s, 200ms or 2m");
	return 0;
}

static int add_dir(vspc_options *o, const char *value)
{
	if (o->dir_count == DIRS)
		return vspc_error("'--dir' names more than %d folders", DIRS);
	o->dirs[o->dir_count++] = value;
	return vspc_wasi_check_dir(value);
}

static int add_env(vspc_options *o, const char *value)
{
	if (o->env_count == ENV)
		return vspc_error("'--env' names more than %d variables", ENV);
	o->env[o->env_count++] = value;
	return vspc_wasi_check_env(value);
}

static int set_command(vspc_options *o, vspc_option_id id)
{
	/* whoever asks for help may not know what else is wrong */
	if (id == VSPC_HELP || (o->command_given && o->command == VSPC_HELP))
		id = VSPC_HELP;
	else if (o->command_given && o->command != id)
		return vspc_error("'%s' and '%s' cannot be used together", vspc_option_table[o->command].spelling,
		        vspc_option_table[id].spelling);
	o->command = id;
	o->command_given = true;
	return 0;
}

/* Applies the option; value is null when it has none. */
static int apply(vspc_options *o, vspc_option_id id, const char *value)
{
	const vspc_option *option = &vspc_option_table[id];
	switch (id) {
	case VSPC_HELP:
		if (set_word(option, value, "all", &o->help_all))
			return VSPC_WRONG;
		return set_command(o, id);
	case VSPC_RUN:
	case VSPC_ASM:
	case VSPC_TRANSLATE:
	case VSPC_DIS:
	case VSPC_VERIFY:
	case VSPC_AOT:
	case VSPC_VERSION: return set_command(o, id);
	case VSPC_LIST_BACKENDS:
		if (set_word(option, value, "json", &o->list_json))
			return VSPC_WRONG;
		return set_command(o, id);
	case VSPC_OUT: o->out = value; return 0;
	case VSPC_INCLUDE:
		if (o->include_dir_count == INCLUDE_DIRS)
			return vspc_error("'-I' names more than %d folders", INCLUDE_DIRS);
		o->include_dirs[o->include_dir_count++] = value;
		return 0;
	case VSPC_CC: o->cc = true; return 0;
	case VSPC_MPI:
		o->mpi = value ? value : "";
		return !*o->mpi || vspc_mpi_is_known(o->mpi) ? 0 : bad_value(option, value, "openmpi or mpich");
	case VSPC_DEFINE:
		if (o->define_count == DEFINES)
			return vspc_error("'-D' defines more than %d macros", DEFINES);
		o->defines[o->define_count++] = value;
		return 0;
	case VSPC_INCLUDE_ANYWHERE: o->include_anywhere = true; return 0;
	case VSPC_ASYNC: o->async = true; return 0;
	case VSPC_INVOKE: o->invoke = value; return 0;
	case VSPC_INPUT: o->input = value; return 0;
	case VSPC_OUTPUT: o->output = value; return 0;
	case VSPC_ALLOW: return set_capabilities(option, value, &o->config.capabilities, &o->allowed_by_name);
	case VSPC_DENY: return set_capabilities(option, value, &o->denied, &o->denied_by_name);
	case VSPC_DIR: return add_dir(o, value);
	case VSPC_ENV: return add_env(o, value);
	case VSPC_PRELOAD: return add_preload(option, value, o);
	case VSPC_TIMEOUT: return set_timeout(option, value, o);
	case VSPC_FUEL: return set_fuel(option, value, &o->config);
	case VSPC_MAX_MEMORY: return set_bytes(option, value, &o->config.max_memory);
	case VSPC_MAX_DEPTH: return set_count32(option, value, &o->config.max_depth);
	case VSPC_NO_SANDBOX: o->no_sandbox = true; return 0;
	case VSPC_REGS: o->regs = true; return 0;
	case VSPC_DUMP: return set_word(option, value, "json", &o->dump);
	case VSPC_STATS: o->stats = true; return set_word(option, value, "json", &o->stats_json);
	case VSPC_TIER: return set_tier(option, value, &o->config);
	case VSPC_TIER1_THRESHOLD: return set_threshold(option, value, &o->config.tier1_threshold);
	case VSPC_TIER2_THRESHOLD: return set_threshold(option, value, &o->config.tier2_threshold);
	case VSPC_SYNC_COMPILE: o->config.sync_compile = 1; return 0;
	case VSPC_BOUNDS: return set_bounds(option, value, &o->config);
	case VSPC_SPECTRE: return set_spectre(option, value, &o->config);
	case VSPC_PRECISE_TRAPS: o->config.precise_traps = 1; return 0;
	case VSPC_DETERMINISTIC: o->config.deterministic = 1; return 0;
	case VSPC_BACKEND: return set_backend(option, value, &o->config);
	case VSPC_THREADS: return set_threads(option, value, &o->config);
	case VSPC_MODEL: return add_model(option, value, o);
	case VSPC_NPU: return set_npu(option, value, &o->config);
	case VSPC_CHECK_KERNELS: o->config.check_kernels = 1; return 0;
	case VSPC_COLOR: return set_color(option, value, o);
	case VSPC_QUIET: o->quiet = true; return 0;
	case VSPC_VERBOSE: o->verbose = true; return 0;
	case VSPC_TRACE:
		o->trace = value;
		o->config.observe |= VSP_OBSERVE_TRACE;
		return 0;
	case VSPC_TIME_PASSES: o->config.observe |= VSP_OBSERVE_PASSES; return 0;
	case VSPC_PERF: o->config.observe |= VSP_OBSERVE_PERF; return 0;
	case VSPC_GDB: o->config.observe |= VSP_OBSERVE_GDB; return 0;
	case VSPC_PROFILE_OUT: o->profile_out = value; return 0;
	case VSPC_PROFILE_USE: o->profile_use = value; return 0;
	case VSPC_EMIT_LLVM: o->emit_llvm = value; return 0;
	case VSPC_OPTIMIZE: o->level = value; return 0;
	case VSPC_COMPILE_MEMORY: return set_bytes(option, value, &o->compile_memory);
	case VSPC_TARGET: o->target = value; return 0;
	case VSPC_MCPU: o->mcpu = value; return 0;
	case VSPC_MATTR: o->mattr = value; return 0;
	case VSPC_GPU: o->gpu = value; return 0;
	case VSPC_AOT_PREFIX: o->aot_prefix = value; return 0;
	case VSPC_NO_SIGNALS: o->config.no_signals = 1; return 0;
	case VSPC_STATUS_RETURNS: o->status_returns = true; return 0;
	case VSPC_CACHE: o->config.cache = strcmp(value, "off") == 0 ? NULL : value; return 0;
	default: return vspc_error("'%s' is not supported by this build of VSP", option->spelling);
	}
}

/* Is the option's component absent? --cache=off needs none. */
static bool component_missing(vspc_option_id id, const char *value)
{
	if (vspc_option_table[id].component == VSPC_CORE || (id == VSPC_CACHE && value && strcmp(value, "off") == 0))
		return false;
	return !VSP_COMPILER;
}

/* ---- the loop ---- */

typedef struct cursor {
	int at, count;
	char **words;
} cursor;

/* All remaining words are arguments. */
static void take_rest(vspc_options *o, cursor *words)
{
	o->args = (const char *const *)words->words + words->at;
	o->arg_count = words->count - words->at;
	words->at = words->count;
}

static int parse_option(vspc_options *o, cursor *words, const char *word)
{
	const char *value, *nearest;
	vspc_option_id id = find_option(strcmp(word, "-h") == 0 ? "--help" : word, &value);
	if (id == VSPC_OPTIONS) {
		nearest = vspc_nearest_option(word);
		return nearest ? vspc_error("unknown option '%s'; did you mean '%s'?", word, nearest)
		               : vspc_error("unknown option '%s'; 'vspc --help' lists them", word);
	}
	const vspc_option *option = &vspc_option_table[id];
	if (option->argument == VSPC_NONE && value)
		return vspc_error("'%s' takes no value", option->spelling);
	if (option->argument != VSPC_NONE && option->argument != VSPC_MAYBE && !value) {
		if (words->at == words->count)
			return vspc_error("'%s' needs a value: %s", option->spelling, option->placeholder);
		value = words->words[words->at++];
	}
	if (component_missing(id, value))
		return vspc_error("'%s' needs the compiler library, which this build of VSP does not have; one that is "
		                  "built with "
		                  "LLVM has it",
		        option->spelling);
	o->given[option->use] = option->spelling;
	o->seen[id] = true;
	int wrong = apply(o, id, value);
	if (!wrong && option->argument == VSPC_REST)
		take_rest(o, words);
	return wrong;
}

static int parse_word(vspc_options *o, cursor *words)
{
	const char *word = words->words[words->at++];
	if (strcmp(word, "--") == 0) {
		take_rest(o, words);
		return 0;
	}
	if (word[0] == '-' && word[1])
		return parse_option(o, words, word);
	if (o->source_count == SOURCES)
		return vspc_error("there are more than %d input files", SOURCES);
	o->sources[o->source_count++] = word;
	o->file = o->sources[0];
	return 0;
}

int vspc_parse(int argc, char **argv, vspc_options *o)
{
	*o = (vspc_options){.command = VSPC_RUN, .config = VSP_CONFIG_INIT};
	o->config.capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS;
	o->color = wants_color();
	cursor words = {1, argc, argv};
	while (words.at < words.count)
		if (parse_word(o, &words))
			return VSPC_WRONG;
	if (o->cc && !o->command_given && o->out)
		o->command = VSPC_TRANSLATE;
	if (vspc_check_together(o))
		return VSPC_WRONG;
	o->config.capabilities &= ~o->denied;
	/* An explicit tier is where the program runs, not a limit for tiering up. */
	o->config.sync_compile |= o->config.tier > VSP_TIER_AUTO && !o->async;
	return 0;
}
