/* Functions that all parts of a job use: text in its arena, and the error when memory runs out. */
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
