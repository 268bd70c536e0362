/*
 * Functions that all parts of a job use: text in its arena, the error when memory runs out, and
 * whether its output is linked from several objects.
 */
#include "job.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/error.h"

vsp_status aot_fail_memory(aot_job *job) { return vsp_error_set(job->error, VSP_E_MEMORY, "out of memory"); }

char *aot_format(aot_job *job, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = size < 0 ? NULL : vsp_arena_array(&job->arena, (size_t)size + 1, 1);
	if (!text) {
		aot_fail_memory(job);
		return NULL;
	}
	va_start(args, format);
	vsnprintf(text, (size_t)size + 1, format, args);
	va_end(args);
	return text;
}

/* It saves LLVM most of the work. Not where names get a prefix, since the object has none. */
bool aot_is_joined(const aot_job *job)
{
	bool linked = job->options.kind == AOT_SHARED || job->options.kind == AOT_EXECUTABLE;
	return linked && job->known.holds & AOT_POSIX && !(job->known.holds & AOT_APPLE) && !*job->options.prefix;
}
