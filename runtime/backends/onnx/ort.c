/*
 * Opening ONNX Runtime, see ort.h. The library's version is read before anything else of it is
 * used.
 */
#include "ort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocator.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/library_names.h"
#include "runtime/platform/platform.h"

#define LIBRARY VSP_LIBRARY_ONNXRUNTIME
#define VARIABLE "VSP_ONNXRUNTIME"

/* The versions of the library that are known, by their second number. */
enum { OLDEST = 14, WITH_ANY_PROVIDER = 16, API_OLD = 14, API_NEW = 22, APPEND_SLOT = 216 };

typedef struct ort_base {
	const void *(*get_api)(uint32_t version);
	const char *(*get_version)(void);
} ort_base;

static ort_library *_Atomic registry; /* of the process; never released */

/* ---- messages ---- */

static _Thread_local char *collected;
static _Thread_local size_t collected_size;

void vsp_ort_collect(char *text, size_t size)
{
	collected = text;
	collected_size = size;
	if (text && size)
		*text = 0;
}

/* "... placed on [NAME]. Number of nodes: N": adds "NAME N", without the word that all end in. */
static void collect(const char *message)
{
	static const char before[] = "placed on [", between[] = "]. Number of nodes: ", common[] = "ExecutionProvider";
	const char *name = strstr(message, before);
	const char *end = name ? strstr(name, between) : NULL;
	if (!end)
		return;
	name += sizeof before - 1;
	size_t used = strlen(collected), n = (size_t)(end - name), tail = sizeof common - 1;
	if (n > tail && memcmp(end - tail, common, tail) == 0)
		n -= tail;
	long nodes = strtol(end + sizeof between - 1, NULL, 10);
	snprintf(collected + used, collected_size - used, "%s%ld node%s on %.*s", used ? ", " : "", nodes,
	        nodes == 1 ? "" : "s", (int)n, name);
}

static void on_message(
        void *user, int level, const char *category, const char *id, const char *place, const char *message)
{
	(void)user, (void)level, (void)category, (void)id, (void)place;
	if (collected && message)
		collect(message);
}

bool vsp_ort_good(const ort_library *ort, ort_status *status, const char *what, char *why, size_t size)
{
	if (!status)
		return true;
	int n = snprintf(why, size, "%s: ", what);
	const char *message = ort->GetErrorMessage(status);
	for (size_t at = n > 0 ? (size_t)n : 0; at + 1 < size; at++) {
		char c = *message ? *message++ : 0;
		why[at] = c == '\n' || c == '\t' ? ' ' : c;
		if (!c)
			break;
	}
	if (size)
		why[size - 1] = 0;
	ort->ReleaseStatus(status);
	return false;
}

/* ---- opening ---- */

/* Versions are "1.minor.patch". Returns minor, or -1. */
static int minor_version(const char *version)
{
	int major = 0, minor = -1;
	return version && sscanf(version, "%d.%d", &major, &minor) == 2 && major == 1 ? minor : -1;
}

static void fill(ort_library *ort, const void *const *table, int minor)
{
#define ORT(slot, name, result, arguments) memcpy(&ort->name, &table[slot], sizeof ort->name);
#include "ort_api.def"
	if (minor >= WITH_ANY_PROVIDER)
		memcpy(&ort->AppendExecutionProvider, &table[APPEND_SLOT], sizeof ort->AppendExecutionProvider);
}

static const ort_base *find_base(char *why, size_t size)
{
	vsp_plat_env_default("ORT_DISABLE_TELEMETRY", "1"); /* newer versions read it while they are opened */
	void *library = vsp_plat_library_open(VARIABLE, LIBRARY, "./setup npu brings it", why, size);
	if (!library)
		return NULL;
	const ort_base *(*get_base)(void) =
	        (const ort_base *(*)(void))(uintptr_t)vsp_plat_dlsym(library, "OrtGetApiBase");
	const ort_base *base = get_base ? get_base() : NULL;
	if (!base)
		snprintf(why, size, LIBRARY " is no ONNX Runtime: it has no OrtGetApiBase");
	return base;
}

static bool open_library(ort_library *ort, char *why, size_t size)
{
	const ort_base *base = find_base(why, size);
	if (!base)
		return false;
	const char *version = base->get_version();
	int minor = minor_version(version);
	const void *const *table = minor >= OLDEST ? base->get_api(minor >= API_NEW ? API_NEW : API_OLD) : NULL;
	if (!table) {
		snprintf(why, size, "ONNX Runtime %.20s is too old: it must be 1.%d or later; ./setup npu brings one",
		        version ? version : "of an unknown version", OLDEST);
		return false;
	}
	snprintf(ort->version, sizeof ort->version, "%s", version);
	fill(ort, table, minor);
	return vsp_ort_good(ort, ort->CreateEnvWithCustomLogger(on_message, NULL, ORT_ERROR, "vsp", &ort->env),
	               "ONNX Runtime cannot start", why, size) &&
	       vsp_ort_good(ort, vsp_ort_count(ort), "ONNX Runtime cannot start", why, size);
}

const ort_library *vsp_ort_open(char *why, size_t size)
{
	ort_library *there = atomic_load(&registry), *none = NULL;
	if (there)
		return there;
	ort_library *fresh = vsp_alloc(1, sizeof *fresh);
	if (!fresh) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	if (!open_library(fresh, why, size)) {
		vsp_free_memory(fresh);
		return NULL;
	}
	if (atomic_compare_exchange_strong(&registry, &none, fresh))
		return fresh;
	fresh->ReleaseEnv(fresh->env);
	vsp_free_memory(fresh);
	return none;
}
