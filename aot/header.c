/*
 * The C header of a compiled program: prototypes of its exported functions, and its entry points
 * under the prefix.
 */
#include "job.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

/* Text that grows; text is null once memory has run out. */
typedef struct writer {
	aot_job *job;
	char *text;
	size_t length, capacity;
} writer;

static void put(writer *w, const char *text)
{
	size_t n = strlen(text);
	if (w->text && w->length + n + 1 > w->capacity) {
		size_t capacity = 2 * (w->length + n + 1);
		char *grown = vsp_arena_array(&w->job->arena, capacity, 1);
		if (grown)
			memcpy(grown, w->text, w->length);
		w->text = grown;
		w->capacity = capacity;
	}
	if (!w->text)
		return;
	memcpy(w->text + w->length, text, n + 1);
	w->length += n;
}

static void put_function(writer *w, uint32_t func)
{
	const vsp_module_data *d = w->job->data;
	const vsp_func *f = &d->funcs[func];
	const char *name = vsp_module_func_name(d, func);
	char *line = aot_format(w->job,
	        "/* %u -> %u */\nVSP_AOT_API vsp_status %s%s(vsp_aot_instance *instance, const int64_t *args, int64_t "
	        "*results);\n",
	        f->params, f->results, w->job->options.prefix, name);
	put(w, line ? line : "");
}

static void put_name(aot_job *job, const char *name, void *user)
{
	char *line = aot_format(job, "#define %s %s%s\n", name, job->options.prefix, name);
	put(user, line ? line : "");
}

static void put_no_name(aot_job *job, const char *name, void *user)
{
	char *line = aot_format(job, "#undef %s\n", name);
	put(user, line ? line : "");
}

/* vsp_aot.h's prototypes once more, for the entry points under the prefix. */
static void put_prefixed(writer *w)
{
	put(w, "/* The entry points of this program. */\n#define VSP_AOT_AGAIN\n");
	aot_each_public(w->job, put_name, w);
	put(w, "#include <vsp/vsp_aot.h>\n");
	aot_each_public(w->job, put_no_name, w);
	put(w, "\n");
}

char *aot_header(aot_job *job, size_t *size)
{
	writer w = {.job = job, .text = vsp_arena_array(&job->arena, 1024, 1), .capacity = 1024};
	put(&w, "/* Made by vspc --aot: the functions a compiled program exports. */\n#pragma once\n\n"
	        "#include <vsp/vsp_aot.h>\n\n");
	if (*job->options.prefix)
		put_prefixed(&w);
	put(&w, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
	for (uint32_t i = 0; i < job->data->func_count; i++)
		if (aot_has_symbol(job, i))
			put_function(&w, i);
	put(&w, "\n#ifdef __cplusplus\n}\n#endif\n");
	*size = w.length;
	if (!w.text)
		aot_fail_memory(job);
	return job->error->code == VSP_OK ? w.text : NULL;
}
