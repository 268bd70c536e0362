/*
 * The files that a command line names. Each has one use: a file that is read is never written, and
 * no two outputs go to one file. Outputs of a run are opened before it, so that no run is lost to a
 * wrong name, and written after it, however it ended.
 */
#include "vspc.h"

#include <string.h>

#include "runtime/platform/platform.h"

/* ---- one file, one use ---- */

/* A file and the option that names it. */
typedef struct use {
	const char *option, *path;
	bool written;
} use;

static bool is_file(const use *u) { return u->path && strcmp(u->path, "-") != 0; }

enum { USES = 8 };

/* All but further sources. */
static void list_uses(const vspc_options *o, use uses[USES])
{
	const use all[USES] = {{"the input", o->file, false}, {"--input", o->input, false},
	        {"--profile-use", o->profile_use, false}, {"-o", o->out, true}, {"--output", o->output, true},
	        {"--trace", o->trace, true}, {"--profile-out", o->profile_out, true},
	        {"--emit-llvm", o->emit_llvm, true}};
	memcpy(uses, all, sizeof all);
}

/* A file that is read besides; how: what is done with it. */
static int check_read(const use uses[USES], const char *path, const char *how)
{
	for (int i = 0; i < USES; i++)
		if (uses[i].written && is_file(&uses[i]) && vsp_plat_same_file(path, uses[i].path))
			return vspc_error("'%s' of '%s' would write over '%s', which %s; name another file",
			        uses[i].path, uses[i].option, path, how);
	return 0;
}

/* The sources behind the first, and preloaded modules. */
static int check_sources(const vspc_options *o, const use uses[USES])
{
	int wrong = 0;
	for (uint32_t s = 1; s < o->source_count && !wrong; s++)
		wrong = check_read(uses, o->sources[s], "is compiled");
	for (uint32_t i = 0; i < o->preload_count && !wrong; i++)
		wrong = check_read(uses, strchr(o->preloads[i], '=') + 1, "is preloaded");
	return wrong;
}

int vspc_files_check(const vspc_options *o)
{
	use uses[USES];
	list_uses(o, uses);
	for (int i = 0; i < USES; i++)
		for (int j = i + 1; j < USES; j++) {
			const use *a = &uses[i], *b = &uses[j];
			if (!b->written || !is_file(a) || !is_file(b) || !vsp_plat_same_file(a->path, b->path))
				continue;
			if (!a->written)
				return vspc_error(
				        "'%s' of '%s' would write over '%s', which is %s%s; name another file", b->path,
				        b->option, a->path, i ? "read by " : "", a->option);
			return vspc_error("'%s' and '%s' would write to one file, '%s'; name another file", a->option,
			        b->option, b->path);
		}
	return check_sources(o, uses);
}

int vspc_files_check_included(const vspc_options *o, const char *path)
{
	use uses[USES];
	list_uses(o, uses);
	return check_read(uses, path, "the source includes");
}

/* ---- outputs of a run ---- */

static int open_one(vsp_plat_output **to, const char *path)
{
	const char *why;
	if (!path)
		return 0;
	*to = vsp_plat_output_open(path, &why);
	return *to ? 0 : vspc_error("cannot write '%s': %s", path, why);
}

int vspc_outputs_open(vspc_outputs *outputs, const vspc_options *o)
{
	*outputs = (vspc_outputs){NULL, NULL, NULL};
	if (!open_one(&outputs->trace, o->trace) && !open_one(&outputs->profile, o->profile_out) &&
	        !open_one(&outputs->llvm, o->emit_llvm))
		return 0;
	vspc_outputs_close(outputs);
	return VSPC_WRONG;
}

typedef char *(*text_fn)(vsp_instance *instance, size_t *length, vsp_error *error);

/* ---- LLVM IR ---- */

typedef struct llvm_text {
	vsp_instance *instance;
	size_t *length;
	vsp_error *error;
	char *text;
} llvm_text;

static void make_llvm_text(void *opaque)
{
	llvm_text *t = opaque;
	t->text = vsp_llvm_text(t->instance, t->length, t->error);
}

/* LLVM's passes need more stack than the first thread may have (ulimit -s); the stack of other
   threads can be chosen. */
static char *llvm_text_on_a_thread(vsp_instance *instance, size_t *length, vsp_error *error)
{
	llvm_text t = {instance, length, error, NULL};
	vsp_plat_thread *thread = vsp_plat_thread_start(make_llvm_text, &t);
	if (thread)
		vsp_plat_thread_join(thread);
	else
		make_llvm_text(&t);
	return t.text;
}

/* ---- writing ---- */

static int write_one(
        vsp_plat_output **to, const char *path, text_fn make, const vspc_options *o, vsp_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t length = 0;
	if (!*to)
		return 0;
	char *text = make(instance, &length, &error);
	if (!text)
		return vspc_report_error(o, &error);
	const char *why = vsp_plat_output_finish(*to, text, length);
	*to = NULL;
	vsp_bytes_free(text);
	return why ? vspc_error("cannot write '%s': %s", path, why) : 0;
}

int vspc_outputs_write(vspc_outputs *outputs, const vspc_options *o, vsp_instance *instance)
{
	int wrong = write_one(&outputs->trace, o->trace, vsp_trace_text, o, instance);
	wrong |= write_one(&outputs->profile, o->profile_out, vsp_profile_text, o, instance);
	wrong |= write_one(&outputs->llvm, o->emit_llvm, llvm_text_on_a_thread, o, instance);
	return wrong;
}

void vspc_outputs_close(vspc_outputs *outputs)
{
	vsp_plat_output_cancel(outputs->trace);
	vsp_plat_output_cancel(outputs->profile);
	vsp_plat_output_cancel(outputs->llvm);
	*outputs = (vspc_outputs){NULL, NULL, NULL};
}
