/*
 * The time of each pass, from LLVM's time profiler (the one behind clang -ftime-trace). It knows
 * the passes on IR as well as those of code generation, and belongs to one thread, unlike
 * -time-passes, which is a switch of the whole process. LLVM's C interface lacks it, so its
 * functions are called by the names that the C++ ABI gives them; the names contain the types, and
 * CMake checks that they can be linked. The profiler can only write files: each job's file is
 * written to a folder of this user alone whose name nobody can guess, read and removed.
 *
 * The time of a pass is its slice less the slices inside it, which belong to passes that it called.
 */
#include "pass_timer.h"

#include <llvm-c/Error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/random_name.h"
#include "time_profiler.h"

/* ---- slices ---- */

typedef struct slice {
	const char *name; /* in the text, name_size bytes */
	size_t name_size;
	uint64_t start, end; /* microseconds */
	uint64_t inside;     /* the part that slices inside it took */
} slice;

/* The value of a key in the event from begin to end, or null. */
static const char *find_value(const char *begin, const char *end, const char *key)
{
	const char *found = strstr(begin, key);
	return found && found < end ? found + strlen(key) : NULL;
}

/* Is the event a slice? LLVM's sums, named "Total ...", are not. */
static bool read_slice(const char *begin, const char *end, slice *out)
{
	const char *start = find_value(begin, end, "\"ts\":"), *duration = find_value(begin, end, "\"dur\":"),
	           *name = find_value(begin, end, "\"name\":\""), *detail = find_value(begin, end, "\"detail\":\"");
	if (!find_value(begin, end, "\"ph\":\"X\"") || !start || !duration || !name || strncmp(name, "Total ", 6) == 0)
		return false;
	/* Passes of code generation have their names in the details. */
	if (detail && strncmp(name, "RunPass\"", 8) == 0)
		name = detail;
	out->name = name;
	out->name_size = strcspn(name, "\"");
	out->start = strtoull(start, NULL, 10);
	out->end = out->start + strtoull(duration, NULL, 10);
	out->inside = 0;
	return true;
}

/* Reads the next slice of the text, starting at *at. */
static bool next_slice(const char **at, slice *out)
{
	static const char event[] = "{\"pid\":";
	const char *begin = strstr(*at, event);
	while (begin) {
		const char *next = strstr(begin + 1, event), *end = next ? next : begin + strlen(begin);
		*at = end;
		if (read_slice(begin, end, out))
			return true;
		begin = next;
	}
	return false;
}

static slice *read_slices(const char *text, size_t *count)
{
	size_t room = 0;
	slice *list = NULL, one;
	*count = 0;
	while (next_slice(&text, &one)) {
		if (*count == room) {
			room = room ? 2 * room : 256;
			slice *grown = vsp_realloc(list, room, sizeof *grown);
			if (!grown)
				break;
			list = grown;
		}
		list[(*count)++] = one;
	}
	return list;
}

/*
 * Orders by start; if two slices start together, the longer one contains the other and comes first.
 */
static int by_start(const void *a, const void *b)
{
	const slice *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

/* Adds to each slice the time of the slices directly inside it. stack has room for all. */
static void nest(slice *list, size_t count, slice **stack)
{
	size_t depth = 0;
	for (size_t i = 0; i < count; i++) {
		while (depth && stack[depth - 1]->end <= list[i].start)
			depth--;
		if (depth)
			stack[depth - 1]->inside += list[i].end - list[i].start;
		stack[depth++] = &list[i];
	}
}

static void tell(const vsp_jit_listener *listener, int tier, const slice *s)
{
	char name[80];
	uint64_t whole = s->end - s->start;
	snprintf(name, sizeof name, "%.*s", (int)(s->name_size < 79 ? s->name_size : 79), s->name);
	listener->pass(listener->user, tier, name, whole > s->inside ? 1000 * (whole - s->inside) : 0);
}

static void tell_all(const vsp_jit_listener *listener, int tier, const char *text)
{
	size_t count;
	slice *list = read_slices(text, &count);
	slice **stack = vsp_alloc(count + 1, sizeof *stack);
	if (list && stack) {
		qsort(list, count, sizeof *list, by_start);
		nest(list, count, stack);
		for (size_t i = 0; i < count; i++)
			tell(listener, tier, &list[i]);
	}
	vsp_free_memory(list);
	vsp_free_memory(stack);
}

/* ---- the file ---- */

/*
 * Creates the file for its owner only, so that LLVM writes into that file. Null, or the reason why
 * not.
 */
static const char *write_profile(const char *path)
{
	const char *why;
	vsp_plat_log *log = vsp_plat_log_create(path, false, &why);
	if (!log)
		return why;
	vsp_plat_log_close(log);
	LLVMErrorRef error = vsp_time_profiler_write(path);
	LLVMConsumeError(error);
	return error ? "LLVM cannot write it" : NULL;
}

/* The profile as text, to be freed; null with the reason in *why. */
static char *read_profile(const char *path, const char **why)
{
	size_t size;
	uint8_t *bytes = vsp_plat_file_read(path, UINT32_MAX, &size, why);
	char *text = bytes ? vsp_alloc(size + 1, 1) : NULL;
	if (text)
		memcpy(text, bytes, size);
	else if (bytes)
		*why = "out of memory";
	if (bytes)
		vsp_plat_file_free(bytes, size);
	return text;
}

enum { PATH_ROOM = 64 };

/* The listener's folder, or a new one. Null, or why there is none. */
static const char *find_folder(const vsp_jit_listener *listener, char folder[PATH_ROOM])
{
	char digits[VSP_RANDOM_DIGITS];
	vsp_random_digits(digits);
	if (listener->folder)
		snprintf(folder, PATH_ROOM, "%s", listener->folder);
	else
		snprintf(folder, PATH_ROOM, VSP_PASSES_FOLDER, digits);
	return vsp_plat_private_directory(folder);
}

void vsp_pass_timer_start(void) { vsp_time_profiler_start(); }

void vsp_pass_timer_stop(const vsp_jit_listener *listener, int tier)
{
	char folder[PATH_ROOM], path[PATH_ROOM + 32], name[PATH_ROOM + 100];
	const char *why = find_folder(listener, folder);
	snprintf(path, sizeof path, "%s/%u-%u.json", folder, (unsigned)vsp_plat_process_id(),
	        (unsigned)vsp_plat_thread_serial());
	if (!why)
		why = write_profile(path);
	vsp_time_profiler_end();
	char *text = why ? NULL : read_profile(path, &why);
	remove(path);
	remove(folder); /* fails in a confined process, which keeps it */
	if (text) {
		tell_all(listener, tier, text);
	} else {
		snprintf(name, sizeof name, "(not timed: %s: %s)", path, why);
		listener->pass(listener->user, tier, name, 0);
	}
	vsp_free_memory(text);
}
