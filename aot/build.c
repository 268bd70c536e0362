/*
 * Entry to the ahead-of-time compiler: one module, one output. All LLVM objects that a job makes
 * are freed here.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/BitWriter.h>

#include "ir/profile.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"
#include "tiers/gpu.h"
#include "tiers/jit.h"

/* ---- outputs ---- */

static vsp_status write_bytes(aot_job *job, const void *bytes, size_t size)
{
	const char *why = vsp_plat_file_write(job->path, bytes, size);
	return why ? vsp_error_set(job->error, VSP_E_IO, "cannot write '%s': %s", job->path, why) : VSP_OK;
}

static vsp_status write_header(aot_job *job)
{
	size_t size;
	char *text = aot_header(job, &size);
	return text ? write_bytes(job, text, size) : job->error->code;
}

static vsp_status write_kernels(aot_job *job, enum vsp_device_format format)
{
	vsp_device_code code;
	if (aot_compile_kernels(job, format, &code) != VSP_OK)
		return job->error->code;
	vsp_status status = write_bytes(job, code.bytes, code.size);
	vsp_gpu_drop(&code);
	return status;
}

static vsp_status write_ll(aot_job *job)
{
	char *text = LLVMPrintModuleToString(job->module);
	vsp_status status = write_bytes(job, text, strlen(text));
	LLVMDisposeMessage(text);
	return status;
}

static vsp_status write_bc(aot_job *job)
{
	LLVMMemoryBufferRef buffer = LLVMWriteBitcodeToMemoryBuffer(job->module);
	vsp_status status = write_bytes(job, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
	LLVMDisposeMemoryBuffer(buffer);
	return status;
}

static vsp_status write_archive(aot_job *job, const void *object, size_t size)
{
	size_t archive_size;
	uint8_t *archive = aot_archive(job, object, size, &archive_size);
	return archive ? write_bytes(job, archive, archive_size) : aot_fail_memory(job);
}

static vsp_status write_machine_code(aot_job *job)
{
	LLVMMemoryBufferRef buffer;
	bool text = job->options.kind == AOT_ASSEMBLY;
	vsp_status status = aot_emit(job, text ? LLVMAssemblyFile : LLVMObjectFile, &buffer);
	if (status != VSP_OK)
		return status;
	const char *bytes = LLVMGetBufferStart(buffer);
	size_t size = LLVMGetBufferSize(buffer);
	switch (job->options.kind) {
	case AOT_ARCHIVE: status = write_archive(job, bytes, size); break;
	case AOT_SHARED:
	case AOT_WASM:
	case AOT_EXECUTABLE: status = aot_link(job, bytes, size); break;
	default: status = write_bytes(job, bytes, size);
	}
	LLVMDisposeMemoryBuffer(buffer);
	return status;
}

static vsp_status write_output(aot_job *job)
{
	switch (job->options.kind) {
	case AOT_LL: return write_ll(job);
	case AOT_BC: return write_bc(job);
	default: return write_machine_code(job);
	}
}

/* ---- jobs ---- */

/* Does the output's name fit the system, and its kind the program? */
static vsp_status check_name(aot_job *job)
{
	bool windows = job->known.holds & AOT_WINDOWS;
	if (job->options.windows_name && !windows)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'%s': .dll and .exe are for Windows, but the target is '%s'; use --target=x86_64-w64-mingw32",
		        job->path, job->triple);
	if (job->options.kind == AOT_SHARED && windows && !job->options.windows_name)
		return vsp_error_set(
		        job->error, VSP_E_ARGUMENT, "'%s': a shared object for Windows is called .dll", job->path);
	return aot_check_wasi(job);
}

static vsp_status compile(aot_job *job)
{
	job->context = LLVMContextCreate();
	if (aot_make_machine(job) != VSP_OK || check_name(job) != VSP_OK || aot_make_units(job) != VSP_OK)
		return job->error->code;
	if (aot_lower_program(job) != VSP_OK)
		return job->error->code;
	if (aot_optimise(job) != VSP_OK || aot_add_places(job) != VSP_OK)
		return job->error->code;
	if (job->options.runtime && aot_link_runtime(job) != VSP_OK)
		return job->error->code;
	return write_output(job);
}

static vsp_status run_job(aot_job *job, const char *const *options, size_t count)
{
	if (aot_parse_options(job, options, count) != VSP_OK)
		return job->error->code;
	if (job->options.kind != AOT_EXECUTABLE && aot_check_names(job) != VSP_OK)
		return job->error->code;
	if (aot_read_profile(job) != VSP_OK)
		return job->error->code;
	switch (job->options.kind) {
	case AOT_HEADER: return write_header(job);
	case AOT_PTX: return write_kernels(job, VSP_DEVICE_PTX);
	case AOT_SPIRV: return write_kernels(job, VSP_DEVICE_SPIRV);
	default: return compile(job);
	}
}

static void end_job(aot_job *job)
{
	aot_remove_scratch(job);
	if (job->module)
		LLVMDisposeModule(job->module);
	if (job->layout)
		LLVMDisposeTargetData(job->layout);
	if (job->machine)
		LLVMDisposeTargetMachine(job->machine);
	if (job->context)
		LLVMContextDispose(job->context);
	LLVMDisposeMessage(job->triple);
	vsp_profile_destroy(job->profile);
	aot_free_units(job);
	vsp_arena_free(&job->arena);
}

/* The request that a job fulfils. */
typedef struct request {
	aot_job *job;
	const char *const *options;
	size_t count;
} request;

/* "what: f", or "what: f and 3 others". */
static void note_large(aot_job *job, const struct vsp_lower_large *large, const char *what)
{
	char others[32] = "";
	if (large->count > 1)
		snprintf(others, sizeof others, " and %u others", (unsigned)large->count - 1);
	const char *name = vsp_module_func_name(job->data, large->first);
	vsp_error_set(
	        job->error, VSP_OK, "%s: '%s'%s", what, name && *name ? name : "a function without a name", others);
}

/* Notes that matter for the speed of the output are reported with success. */
static void add_note(aot_job *job)
{
	const vsp_lower_outcome *o = &job->outcome;
	if (o->plain.count)
		note_large(job, &o->plain,
		        "nothing is optimised, for a function is too large, or its loops are nested too deeply");
	else if (o->in_memory.count)
		note_large(job, &o->in_memory, "not optimised, as it is too large, with its registers in memory");
	else if (job->options.kind != AOT_EXECUTABLE)
		aot_note_names(job);
}

static void run_request(void *opaque)
{
	const request *r = opaque;
	if (run_job(r->job, r->options, r->count) == VSP_OK)
		add_note(r->job);
	end_job(r->job);
}

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
vsp_status vsp_aot_build(const vsp_module_data *module, uint64_t hash, const char *path, const char *const *options,
        size_t count, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	aot_job job = {.data = module, .hash = hash, .path = path, .error = error ? error : &local};
	job.arena = (vsp_arena)VSP_ARENA_INIT;
	request wanted = {&job, options, count};
	vsp_error_clear(job.error);
	aot_run_guarded(&job, run_request, &wanted);
	aot_remove_scratch(&job); /* of a job that LLVM has stopped */
	return job.error->code;
}
