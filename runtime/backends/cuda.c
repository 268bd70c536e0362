/*
 * The CUDA provider. The driver's shared object is opened when a program first asks for the GPU;
 * the driver compiles PTX itself. The first device is taken.
 *
 * There are two streams, one for copies and one for kernels, so that the next operation's bytes
 * travel while a kernel runs; a kernel waits for an event behind the copies before it. Every device
 * of CUDA computes floats exactly, with subnormals, as PTX asks for.
 */
#include "cuda_parts.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/library_names.h"
#include "runtime/platform/platform.h"

#define DRIVER VSP_LIBRARY_CUDA

/* Written once, before anything reads it; the driver stays open. */
static struct {
	cuda_api api;
	const char *failed;
	uint32_t forks; /* behind the process that has opened it */
} driver;

static void open_driver(void)
{
	void *library = vsp_plat_dlopen(DRIVER);
	driver.forks = vsp_plat_forks();
	if (!library) {
		driver.failed = vsp_plat_opens_libraries() ? DRIVER " cannot be opened; the driver of a CUDA device "
		                                                    "brings it (Debian: apt install libcuda1)"
		                                           : DRIVER VSP_LIBRARIES_NEVER;
		return;
	}
	/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
#define FUNCTION(name, symbol, parameters) \
	driver.api.name = (cu_result(*) parameters)(uintptr_t)vsp_plat_dlsym(library, symbol); \
	if (!driver.api.name) \
		driver.failed = DRIVER " is too old: it has no " symbol;
	CUDA_FUNCTIONS(FUNCTION)
#undef FUNCTION
	if (!driver.failed && driver.api.init(0) != CU_SUCCESS)
		driver.failed = "the CUDA driver finds no device";
}

static const char *api_failed(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, open_driver);
	if (!driver.failed && driver.forks != vsp_plat_forks())
		return "the CUDA driver " VSP_DEVICE_FORKED;
	return driver.failed;
}

static const char *failed(cuda_device *d, const char *what, cu_result code)
{
	const char *name = NULL;
	if (driver.api.error_name(code, &name) != CU_SUCCESS || !name)
		name = "unknown";
	snprintf(d->message, sizeof d->message, "%s: CUDA error %d (%s)", what, code, name);
	return d->message;
}

/* Runs a call; the function returns when it fails. */
#define TRY(d, call) \
	do { \
		cu_result code_ = driver.api.call; \
		if (code_ != CU_SUCCESS) \
			return failed(d, #call, code_); \
	} while (0)

/* ---- the context is the thread's only during a call ---- */

static const char *enter(cuda_device *d)
{
	TRY(d, context_push(d->context));
	return NULL;
}

static void leave(void)
{
	cu_object ignored;
	driver.api.context_pop(&ignored);
}

/* Defines NAME, which calls inside_NAME within the device's context. */
#define WITHIN(NAME, parameters, arguments) \
	static const char *NAME parameters \
	{ \
		const char *why = enter(device); \
		if (why) \
			return why; \
		why = inside_##NAME arguments; \
		leave(); \
		return why; \
	}

/* ---- memory ---- */

static const char *clear(cuda_device *d, cu_address at, uint64_t size)
{
	TRY(d, memory_zero(at, 0, size, d->kernels));
	TRY(d, stream_finish(d->kernels));
	return NULL;
}

static const char *inside_mirror(void *device, uint64_t size)
{
	cuda_device *d = device;
	if (d->mirror)
		driver.api.memory_free(d->mirror);
	d->mirror = 0;
	if (size)
		TRY(d, memory_alloc(&d->mirror, size));
	return NULL;
}
WITHIN(mirror, (void *device, uint64_t size), (device, size))

static const char *inside_zero(void *device, uint64_t at, uint64_t size)
{
	cuda_device *d = device;
	return clear(d, d->mirror + at, size);
}
WITHIN(zero, (void *device, uint64_t at, uint64_t size), (device, at, size))

static const char *inside_upload(void *device, uint64_t at, const void *bytes, uint64_t size, bool later)
{
	cuda_device *d = device;
	cu_object stream = later ? d->kernels : d->copies;
	vsp_cuda_step(d, stream, later ? VSP_STEP_BLOCK : VSP_STEP_UPLOAD, size, 0);
	TRY(d, copy_to(d->mirror + at, bytes, size, stream));
	vsp_cuda_step_done(d, stream);
	d->copying |= !later;
	return NULL;
}
WITHIN(upload, (void *device, uint64_t at, const void *bytes, uint64_t size, bool later),
        (device, at, bytes, size, later))

static const char *inside_download(void *device, uint64_t at, void *bytes, uint64_t size)
{
	cuda_device *d = device;
	vsp_cuda_step(d, d->kernels, VSP_STEP_DOWNLOAD, size, 0);
	TRY(d, copy_from(bytes, d->mirror + at, size, d->kernels));
	vsp_cuda_step_done(d, d->kernels);
	return NULL;
}
WITHIN(download, (void *device, uint64_t at, void *bytes, uint64_t size), (device, at, bytes, size))

/* ---- kernels ---- */

static const char *wait_for_copies(cuda_device *d)
{
	if (!d->copying)
		return NULL;
	TRY(d, event_record(d->copied, d->copies));
	TRY(d, stream_wait(d->kernels, d->copied, 0));
	d->copying = false;
	return NULL;
}

static const char *inside_launch(void *device, void *kernel, const vsp_device_arguments *a)
{
	enum { GROUP = 128 };
	cuda_device *d = device;
	vsp_device_arguments own = *a;
	void *arguments[] = {
	        &d->mirror, &own.size, &own.first, &own.count, &own.argument, &own.budget, &d->record, &own.operation};
	unsigned groups = (unsigned)((a->count + GROUP - 1) / GROUP);
	const char *why = wait_for_copies(d);
	if (why)
		return why;
	vsp_cuda_step(d, d->kernels, VSP_STEP_KERNEL, a->count, a->operation);
	TRY(d, launch(kernel, groups, 1, 1, GROUP, 1, 1, 0, d->kernels, arguments, NULL));
	vsp_cuda_step_done(d, d->kernels);
	return NULL;
}
WITHIN(launch, (void *device, void *kernel, const vsp_device_arguments *a), (device, kernel, a))

static const char *inside_finish(void *device, vsp_device_record *record)
{
	cuda_device *d = device;
	TRY(d, stream_finish(d->copies));
	d->copying = false;
	TRY(d, copy_from(record, d->record, sizeof *record, d->kernels));
	TRY(d, stream_finish(d->kernels));
	vsp_cuda_tell(d);
	if (!record->trap)
		return NULL;
	TRY(d, memory_zero(d->record, 0, sizeof *record, d->kernels));
	TRY(d, stream_finish(d->kernels));
	return NULL;
}
WITHIN(finish, (void *device, vsp_device_record *record), (device, record))

/* The driver's compiler says more than its error. */
static const char *load_module(cuda_device *d, const vsp_device_code *code, cu_object *module)
{
	char log[256] = "";
	int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
	void *values[] = {log, (void *)(uintptr_t)(sizeof log - 1)};
	cu_result result = driver.api.module_load(module, code->bytes, 2, options, values);
	if (result == CU_SUCCESS)
		return NULL;
	log[strcspn(log, "\n")] = 0;
	snprintf(d->message, sizeof d->message, "the driver refuses the code (CUDA error %d): %s", result, log);
	return d->message;
}

static const char *inside_load(void *device, const vsp_device_code *code, void **unit)
{
	cuda_device *d = device;
	cu_object module;
	cu_object *all = vsp_realloc(d->modules, d->module_count + 1, sizeof *all);
	if (!all)
		return "out of memory";
	d->modules = all;
	const char *why = load_module(d, code, &module);
	if (!why)
		*unit = d->modules[d->module_count++] = module;
	return why;
}
WITHIN(load, (void *device, const vsp_device_code *code, void **unit), (device, code, unit))

static const char *inside_entry(void *device, void *unit, const char *name, void **kernel)
{
	cuda_device *d = device;
	cu_object function;
	TRY(d, module_function(&function, unit, name));
	*kernel = function;
	return NULL;
}
WITHIN(entry, (void *device, void *unit, const char *name, void **kernel), (device, unit, name, kernel))

/* ---- opening ---- */

static const char *make_streams(cuda_device *d)
{
	TRY(d, stream_create(&d->copies, CU_STREAM_NON_BLOCKING));
	TRY(d, stream_create(&d->kernels, CU_STREAM_NON_BLOCKING));
	TRY(d, event_create(&d->copied, CU_EVENT_DISABLE_TIMING));
	TRY(d, memory_alloc(&d->record, sizeof(vsp_device_record)));
	return clear(d, d->record, sizeof(vsp_device_record));
}

static const char *find_device(cuda_device *d)
{
	d->api = &driver.api;
	int count = 0;
	TRY(d, device_count(&count));
	if (count == 0)
		return "the CUDA driver finds no device";
	TRY(d, device_get(&d->id, 0));
	TRY(d, context_retain(&d->context, d->id));
	const char *why = enter(d);
	if (why)
		return why;
	why = make_streams(d);
	leave();
	return why;
}

static void release_all(cuda_device *d)
{
	vsp_cuda_forget(d);
	for (uint32_t i = 0; i < d->module_count; i++)
		driver.api.module_unload(d->modules[i]);
	if (d->mirror)
		driver.api.memory_free(d->mirror);
	if (d->record)
		driver.api.memory_free(d->record);
	if (d->copied)
		driver.api.event_destroy(d->copied);
	if (d->copies)
		driver.api.stream_destroy(d->copies);
	if (d->kernels)
		driver.api.stream_destroy(d->kernels);
}

static void close_device(void *device)
{
	cuda_device *d = device;
	if (d->context && !enter(d)) {
		release_all(d);
		leave();
	}
	if (d->context)
		driver.api.context_release(d->id);
	vsp_free_memory(d->modules);
	vsp_free_memory(d);
}

static bool open_device(void **device, uint32_t *exact, char *reason, size_t reason_size)
{
	const char *why = api_failed();
	cuda_device *d = why ? NULL : vsp_alloc(1, sizeof *d);
	if (!why)
		why = d ? find_device(d) : "out of memory";
	if (why) {
		snprintf(reason, reason_size, "%s", why);
		if (d)
			close_device(d);
		return false;
	}
	*exact = VSP_DEVICE_F64 | VSP_DEVICE_F32;
	*device = d;
	return true;
}

static const vsp_device_driver cuda = {.name = "cuda",
        .format = VSP_DEVICE_PTX,
        .open = open_device,
        .close = close_device,
        .mirror = mirror,
        .zero = zero,
        .upload = upload,
        .download = download,
        .load = load,
        .entry = entry,
        .launch = launch,
        .finish = finish,
        .observe = vsp_cuda_observe};

static bool probe(vsp_rt *rt, void **state, char *reason, size_t reason_size)
{
	return vsp_device_probe(&cuda, rt, state, reason, reason_size);
}

static void describe(vsp_provider_facts *facts)
{
	const char *why = api_failed();
	int count = 0, version = 0;
	cu_device id;
	size_t memory = 0;
	if (!why && (driver.api.device_count(&count) != CU_SUCCESS || count == 0))
		why = "the CUDA driver finds no device";
	if (why) {
		snprintf(facts->missing, sizeof facts->missing, "%s", why);
		return;
	}
	driver.api.driver_version(&version);
	snprintf(facts->driver, sizeof facts->driver, "CUDA %d.%d", version / 1000, version % 1000 / 10);
	if (driver.api.device_get(&id, 0) == CU_SUCCESS) {
		driver.api.device_name(facts->device, sizeof facts->device, id);
		driver.api.device_memory(&memory, id);
	}
	facts->memory = memory;
}

static bool measure(void *state, vsp_rt *rt, const vsp_device_source *source, vsp_costs *costs)
{
	(void)state, (void)rt;
	return vsp_device_measure(&cuda, source, costs);
}

const vsp_provider vsp_provider_cuda = {
        .name = "cuda", .describe = describe, .probe = probe, .measure = measure, VSP_DEVICE_PROVIDER};
