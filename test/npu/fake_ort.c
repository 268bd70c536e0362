/*
 * The ONNX Runtime of tests, see fake_ort.h.
 */
#include "fake_ort.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/backends/onnx/ort.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT fake_ort fake_ort_control;
#define fake fake_ort_control

enum { SLOTS = 320, FLOATS = 2, NODES = 3, ONE_DEVICE = 216 };

/* A library's objects are all of these. */
typedef struct object {
	bool device, strict;                   /* options and sessions */
	int64_t dims[2];                       /* shapes and values; -1: open */
	float *data;                           /* values */
	bool owned;                            /* data is the library's */
	char message[sizeof FAKE_ORT_FAILURE]; /* statuses */
} object;

static ort_allocator *registered;
static ort_log_fn log_message;
static void *log_user;

static object *make(void)
{
	object *o = calloc(1, sizeof *o);
	fake.objects += o != NULL;
	return o;
}

static void drop(void *opaque)
{
	object *o = opaque;
	if (!o)
		return;
	if (o->owned)
		registered->release(registered, o->data);
	free(o);
	fake.objects--;
}

/* A failure, if it is this call's turn. */
static ort_status *turn(void)
{
	if (++fake.calls != fake.fail_at)
		return NULL;
	object *o = make();
	memcpy(o->message, FAKE_ORT_FAILURE, sizeof o->message);
	return (ort_status *)o;
}

/* Calls that make an object. */
static ort_status *give(void *to)
{
	ort_status *failed = turn();
	*(object **)to = failed ? NULL : make();
	return failed;
}

static const char *get_message(const ort_status *status) { return ((const object *)status)->message; }

static ort_status *create_env(ort_log_fn log, void *user, int level, const char *id, ort_env **env)
{
	static object only;
	(void)level, (void)id;
	log_message = log;
	log_user = user;
	*env = (ort_env *)&only;
	return turn();
}

static void release_env(ort_env *env) { (void)env; }

/* ---- options and sessions ---- */

static ort_status *create_options(ort_options **options) { return give(options); }
static ort_status *set_number(ort_options *options, int value)
{
	(void)options, (void)value;
	return turn();
}
static ort_status *add_entry(ort_options *options, const char *key, const char *value)
{
	((object *)options)->strict |= !strcmp(key, "session.disable_cpu_ep_fallback") && !strcmp(value, "1");
	return turn();
}

static ort_status *append_provider(
        ort_options *options, const char *name, const char *const *keys, const char *const *values, size_t count)
{
	((object *)options)->device = !strcmp(name, "Fake");
	if (count) {
		snprintf(fake.key, sizeof fake.key, "%s", keys[0]);
		snprintf(fake.value, sizeof fake.value, "%s", values[0]);
	}
	return turn();
}

static void tell_placement(const char *name, int nodes)
{
	char text[128];
	snprintf(text, sizeof text, "Node(s) placed on [%sExecutionProvider]. Number of nodes: %d", name, nodes);
	if (nodes)
		log_message(log_user, 1, "onnxruntime", "vsp", "here", text);
}

static ort_status *create_session(
        const ort_env *env, const void *bytes, size_t size, const ort_options *options, ort_session **session)
{
	const object *o = (const object *)options;
	ort_status *failed = turn();
	(void)env, (void)bytes, (void)size;
	*session = NULL;
	if (!failed && o->strict && fake.cpu_nodes) {
		object *status = make();
		snprintf(status->message, sizeof status->message, "CPU");
		failed = (ort_status *)status;
	}
	if (failed)
		return failed;
	tell_placement("Fake", o->device ? NODES - fake.cpu_nodes : 0);
	tell_placement("CPU", o->device ? fake.cpu_nodes : NODES);
	object *made = make();
	made->device = o->device;
	*session = (ort_session *)made;
	return NULL;
}

static ort_status *count_ports(const ort_session *session, size_t *count)
{
	(void)session;
	*count = 1;
	return turn();
}

static ort_status *port_type(const ort_session *session, size_t i, ort_type **type)
{
	(void)session, (void)i;
	ort_status *failed = give(type);
	if (!failed) {
		((object *)*type)->dims[0] = -1;
		((object *)*type)->dims[1] = FLOATS;
	}
	return failed;
}

static ort_status *port_name(const ort_session *session, size_t i, ort_allocator *allocator, char **name)
{
	(void)session, (void)i, (void)allocator;
	ort_status *failed = give(name);
	if (!failed)
		memcpy(*name, "x", 2);
	return failed;
}

/* The library's own would throw an exception; this one is only asked for what cannot be. */
static void *allocate_none(ort_allocator *self, size_t size)
{
	(void)self;
	if (size < SIZE_MAX / 4)
		abort();
	return NULL;
}

static ort_status *get_allocator(ort_allocator **allocator)
{
	static ort_allocator only = {.alloc = allocate_none};
	*allocator = &only;
	return turn();
}

/* The environment keeps one for good. */
static ort_status *register_allocator(ort_env *env, ort_allocator *allocator)
{
	(void)env;
	if (!registered)
		registered = allocator;
	return turn();
}

static ort_status *free_memory(ort_allocator *allocator, void *memory)
{
	(void)allocator;
	memset(memory, 0, sizeof(object)); /* a name is text in it */
	drop(memory);
	return turn();
}

/* ---- shapes and values ---- */

static ort_status *cast_type(const ort_type *type, const ort_shape **shape)
{
	*shape = (const ort_shape *)type;
	return turn();
}
static ort_status *kind_of(const ort_type *type, int *kind)
{
	(void)type;
	*kind = ORT_TENSOR;
	return turn();
}
static ort_status *element_of(const ort_shape *shape, int *element)
{
	(void)shape;
	*element = ORT_F32;
	return turn();
}
static ort_status *rank_of(const ort_shape *shape, size_t *rank)
{
	(void)shape;
	*rank = 2;
	return turn();
}
static ort_status *dims_of(const ort_shape *shape, int64_t *dims, size_t rank)
{
	memcpy(dims, ((const object *)shape)->dims, rank * sizeof *dims);
	return turn();
}
static ort_status *elements_of(const ort_shape *shape, size_t *count)
{
	const object *o = (const object *)shape;
	*count = (size_t)(o->dims[0] * o->dims[1]);
	return turn();
}
static ort_status *shape_of(const ort_value *value, ort_shape **shape)
{
	ort_status *failed = give(shape);
	if (!failed)
		memcpy(((object *)*shape)->dims, ((const object *)value)->dims, sizeof((object *)*shape)->dims);
	return failed;
}
static ort_status *create_memory(int kind, int type, ort_memory **memory)
{
	(void)kind, (void)type;
	return give(memory);
}
static ort_status *create_tensor(const ort_memory *memory, void *data, size_t bytes, const int64_t *dims, size_t rank,
        int element, ort_value **value)
{
	(void)memory, (void)bytes, (void)element;
	ort_status *failed = give(value);
	if (!failed) {
		((object *)*value)->data = data;
		memcpy(((object *)*value)->dims, dims, rank * sizeof *dims);
	}
	return failed;
}
static ort_status *data_of(ort_value *value, void **data)
{
	*data = ((object *)value)->data;
	return turn();
}

/* ---- runs ---- */

static ort_status *create_run_options(ort_run_options **options) { return give(options); }
static ort_status *set_terminate(ort_run_options *options)
{
	(void)options;
	return turn();
}

static ort_status *run(ort_session *session, const ort_run_options *options, const char *const *in_names,
        const ort_value *const *in, size_t in_count, const char *const *out_names, size_t out_count, ort_value **out)
{
	const object *s = (const object *)session, *from = (const object *)in[0];
	(void)options, (void)in_names, (void)in_count, (void)out_names, (void)out_count;
	ort_status *failed = give(out);
	if (failed)
		return failed;
	object *to = (object *)*out;
	size_t count = (size_t)(from->dims[0] * from->dims[1]);
	memcpy(to->dims, from->dims, sizeof to->dims);
	to->data = registered->alloc(registered, count * sizeof *to->data + 1);
	void *within = to->data ? registered->alloc(registered, fake.within) : NULL;
	to->owned = to->data != NULL;
	registered->release(registered, within);
	if (!to->data || (fake.within && !within)) {
		drop(to);
		*out = NULL;
		return (ort_status *)make();
	}
	for (size_t i = 0; i < count; i++)
		to->data[i] = from->data[i] + (s->device && fake.wrong ? 2.0f : 1.0f);
	fake.runs++;
	fake.device_runs += s->device;
	return NULL;
}

/* ---- execution providers ---- */

static ort_status *list_providers(char ***names, int *count)
{
	static char fakes[] = "FakeExecutionProvider", cpu[] = "CPUExecutionProvider";
	ort_status *failed = turn();
	char **list = failed ? NULL : malloc(2 * sizeof *list);
	fake.objects += list != NULL;
	*names = list;
	*count = list ? 2 : 0;
	if (list)
		list[0] = fakes, list[1] = cpu;
	return failed;
}

static ort_status *release_providers(char **names, int count)
{
	(void)count;
	free(names);
	fake.objects--;
	return turn();
}

/* ---- the table ---- */

#define AT(slot, function) table[slot] = (const void *)(uintptr_t)(function)

static const void *get_api(uint32_t version)
{
	static const void *table[SLOTS];
	(void)version;
	AT(2, get_message);
	AT(4, create_env);
	AT(8, create_session);
	AT(9, run);
	AT(10, create_options);
	for (int slot = 22; slot <= 25; slot++)
		AT(slot, set_number);
	AT(30, count_ports);
	AT(31, count_ports);
	AT(33, port_type);
	AT(34, port_type);
	AT(36, port_name);
	AT(37, port_name);
	AT(39, create_run_options);
	AT(46, set_terminate);
	AT(47, set_terminate);
	AT(49, create_tensor);
	AT(51, data_of);
	AT(55, cast_type);
	AT(56, kind_of);
	AT(60, element_of);
	AT(61, rank_of);
	AT(62, dims_of);
	AT(64, elements_of);
	AT(65, shape_of);
	AT(69, create_memory);
	AT(76, free_memory);
	AT(78, get_allocator);
	AT(92, release_env);
	for (int slot = 93; slot <= 100; slot++)
		AT(slot, drop);
	AT(125, list_providers);
	AT(126, release_providers);
	AT(130, add_entry);
	AT(176, register_allocator);
	AT(ONE_DEVICE, append_provider);
	return table;
}

static const char *get_version(void) { return "1.23.0"; }

struct base {
	const void *(*get_api)(uint32_t);
	const char *(*get_version)(void);
};

const struct base *OrtGetApiBase(void);
EXPORT const struct base *OrtGetApiBase(void)
{
	static const struct base base = {get_api, get_version};
	return &base;
}
