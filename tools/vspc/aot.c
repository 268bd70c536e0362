/*
 * vspc --aot: the options of the command line as the words of vsp_aot_compile, and the process that
 * compiles.
 */
#include "vspc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aot/scratch_names.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/random_name.h"

enum { WORDS = 24, LENGTH = 256, PATH = 4096, GRANTS = DIRS + ENV };
#define COMPILE_MEMORY (UINT64_C(4) << 30)

typedef struct words {
	char text[WORDS][LENGTH];
	const char *list[WORDS + GRANTS];
	char *grants[GRANTS]; /* words of any length */
	size_t grant_count;
	size_t count;
	bool cut; /* a word was too long */
	bool no_memory;
} words;

/* Adds name and value joined; null values add nothing. */
static void add(words *w, const char *name, const char *value)
{
	if (!value)
		return;
	char *word = w->text[w->count];
	w->cut |= snprintf(word, LENGTH, "%s%s", name, value) >= LENGTH;
	w->list[w->count++] = word;
}

static void add_flag(words *w, bool given, const char *name) { add(w, name, given ? "" : NULL); }

static void add_number(words *w, bool given, const char *name, uint64_t value)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	add(w, name, given ? text : NULL);
}

/* Capabilities by name. */
static void add_capabilities(words *w, const char *name, uint32_t bits)
{
	static const char *const names[] = {
#define CAPABILITY(NAME, bit, name) [bit] = name,
#include "runtime/capabilities.def"
	};
	char list[LENGTH] = "";
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (bits >> i & 1) {
			size_t n = strlen(list);
			snprintf(list + n, sizeof list - n, "%s%s", n ? "," : "", names[i]);
		}
	add(w, name, *list ? list : NULL);
}

/* A folder or variable, joined as add does it. */
static void add_grant(words *w, const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 1;
	char *word = vsp_alloc(size, 1);
	w->no_memory |= !word;
	if (!word)
		return;
	snprintf(word, size, "%s%s", name, value);
	w->list[w->count++] = w->grants[w->grant_count++] = word;
}

static void add_grants(words *w, const vspc_options *o)
{
	for (uint32_t i = 0; i < o->dir_count; i++)
		add_grant(w, "--dir=", o->dirs[i]);
	for (uint32_t i = 0; i < o->env_count; i++)
		add_grant(w, "--env=", o->env[i]);
}

static void free_grants(words *w)
{
	for (size_t i = 0; i < w->grant_count; i++)
		vsp_free_memory(w->grants[i]);
}

static void add_all(words *w, const vspc_options *o)
{
	const vsp_config *c = &o->config;
	add(w, "-O", o->level);
	add(w, "--target=", o->target);
	add(w, "--mcpu=", o->mcpu);
	add(w, "--mattr=", o->mattr);
	add(w, "--aot-prefix=", o->aot_prefix);
	add(w, "--profile-use=", o->profile_use);
	add(w, "--gpu=", o->gpu);
	add_flag(w, c->no_signals, "--no-signals");
	add_flag(w, o->status_returns, "--status-returns");
	add_flag(w, c->bounds == VSP_CONFIG_BOUNDS_EXPLICIT, "--bounds=explicit");
	add_flag(w, c->bounds == VSP_CONFIG_BOUNDS_GUARD, "--bounds=guard");
	add_flag(w, c->spectre == VSP_SPECTRE_MASK, "--spectre=mask");
	add_flag(w, c->precise_traps, "--precise-traps");
	add_flag(w, c->deterministic, "--deterministic");
	add_flag(w, c->check_kernels, "--check-kernels");
	add_number(w, c->limit_fuel, "--fuel=", (uint64_t)c->fuel);
	add_number(w, c->max_memory, "--max-memory=", c->max_memory);
	add_number(w, c->max_depth, "--max-depth=", c->max_depth);
	add_capabilities(w, "--allow=", c->capabilities);
	add_capabilities(w, "--deny=", o->denied);
	add_grants(w, o);
}

#define SCRATCH "--scratch="

/* A compilation, and the option that names the folder of its temporary files, beside the output. */
typedef struct compilation {
	const vsp_module *module;
	const vspc_options *options;
	words words;
	char scratch[PATH];
	uint64_t memory;
	vsp_plat_mutex *lock;
	bool done; /* under the lock */
	bool noted;
} compilation;

static const char *folder_of(const compilation *c) { return c->scratch + sizeof SCRATCH - 1; }

static void clean(void *arg) { vsp_plat_remove_folder(folder_of(arg)); }

/* The machine that the output is for, or null: this one. aot/target.c decides it so. */
static const char *machine(const vspc_options *options)
{
	const char *suffix = strrchr(options->out, '.');
	if (options->target)
		return options->target;
	return suffix && strcmp(suffix, ".wasm") == 0 ? "wasm32-wasi" : NULL;
}

/* The first program for another machine takes seconds longer, which somebody may be waiting for. */
static void note_runtime(compilation *c)
{
	char path[PATH + sizeof AOT_RUNTIME_FILE];
	vsp_plat_stamp stamp;
	bool wanted = !c->noted && !c->options->quiet && (c->options->verbose || vsp_plat_is_terminal(2));
	snprintf(path, sizeof path, "%s/" AOT_RUNTIME_FILE, folder_of(c));
	if (!wanted || !vsp_plat_file_stamp(path, &stamp))
		return;
	c->noted = true;
	const char *name = machine(c->options), *quote = name ? "'" : "";
	fprintf(stderr, "vspc: note: compiling the runtime for %s%s%s, which is kept for later programs\n", quote,
	        name ? name : "this machine", quote);
}

/*
 * LLVM ends the process when memory is refused to it. So a thread watches, and ends the process
 * with a message while there is still memory.
 */
static void watch_memory(void *arg)
{
	enum { LOOK_NS = 10000000 };
	compilation *c = arg;
	vsp_plat_mutex_lock(c->lock);
	while (!c->done && vsp_plat_peak_memory() <= c->memory) {
		vsp_plat_mutex_wait(c->lock, LOOK_NS);
		note_runtime(c);
	}
	bool done = c->done;
	vsp_plat_mutex_unlock(c->lock);
	if (done)
		return;
	clean(c);
	vspc_error("compiling takes more than %llu MiB; '--compile-memory=N' allows more, and a lower -O or "
	           "smaller functions take less",
	        (unsigned long long)(c->memory >> 20));
	fflush(NULL);
	_Exit(VSPC_WRONG);
}

static int compile_watched(compilation *c)
{
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_aot_compile(c->module, c->options->out, c->words.list, c->words.count, &error) != VSP_OK)
		return vspc_report_error(c->options, &error);
	if (c->options->verbose && *error.message)
		fprintf(stderr, "vspc: note: %s\n", error.message); /* which escapes names, as all messages do */
	return 0;
}

/* In a process of its own: an end by LLVM or the linker does not end this one. */
static int compile(void *arg)
{
	compilation *c = arg;
	c->lock = vsp_plat_mutex_create();
	vsp_plat_thread *thread = c->lock ? vsp_plat_thread_start(watch_memory, c) : NULL;
	if (!thread)
		return vspc_error("no thread can be had to look at the memory that compiling takes");
	int status = compile_watched(c);
	vsp_plat_mutex_lock(c->lock);
	c->done = true;
	vsp_plat_mutex_signal(c->lock);
	vsp_plat_mutex_unlock(c->lock);
	vsp_plat_thread_join(thread);
	vsp_plat_mutex_destroy(c->lock);
	return status;
}

static bool name_scratch(compilation *c)
{
	char digits[VSP_RANDOM_DIGITS];
	vsp_random_digits(digits);
	int n = snprintf(c->scratch, sizeof c->scratch, SCRATCH "%s.%s", c->options->out, digits);
	if (n < 0 || (size_t)n >= sizeof c->scratch)
		return false;
	c->words.list[c->words.count++] = c->scratch;
	return true;
}

static int supervise(compilation *c)
{
	const char *died;
	if (c->words.no_memory)
		return vspc_error("out of memory");
	if (c->words.cut)
		return vspc_error("an option for '--aot' is longer than %d bytes", LENGTH - 1);
	if (!name_scratch(c))
		return vspc_error("the output's name is longer than %d bytes", PATH - 64);
	int status = vsp_plat_supervise(compile, clean, c, &died);
	if (status < 0 && !died)
		return vspc_error("cannot start a process for the compiler: %s", strerror(errno));
	return died ? vspc_error("the compiler has died: %s; other options may help, such as a lower -O", died)
	            : status;
}

int vspc_aot(const vsp_module *module, const vspc_options *options)
{
	compilation c = {.module = module, .options = options};
	c.memory = options->compile_memory ? options->compile_memory : COMPILE_MEMORY;
	add_all(&c.words, options);
	vspc_wasi_note_needless(module, options);
	int status = supervise(&c);
	free_grants(&c.words);
	return status;
}
