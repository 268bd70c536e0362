/*
 * Kernels as device code of their own, for those who want to look at it or have a device of their
 * own.
 */
#include "job.h"

#include "runtime/base/error.h"
#include "tiers/gpu.h"

static uint32_t list_kernels(const vsp_module_data *m, uint32_t *list)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < m->func_count; i++)
		if (m->funcs[i].kind == VSP_KIND_KERNEL)
			list[count++] = i;
	return count;
}

/* Some kernels are not in the code: a note with success, an error if that is all of them. */
static vsp_status note_missing(aot_job *job, const vsp_gpu_request *r, const char *const *why, bool any)
{
	for (uint32_t i = 0; i < r->count; i++) {
		if (!why[i])
			continue;
		const char *name = vsp_module_func_name(job->data, r->kernels[i]);
		return vsp_error_set(job->error, any ? VSP_OK : VSP_E_UNSUPPORTED, "kernel '%s' stays on the CPU: %s",
		        name && *name ? name : "without a name", why[i]);
	}
	return VSP_OK;
}

vsp_status aot_compile_kernels(aot_job *job, enum vsp_device_format format, vsp_device_code *code)
{
	uint32_t *list = vsp_arena_array(&job->arena, job->data->func_count, sizeof *list);
	const char **why = vsp_arena_array(&job->arena, job->data->func_count, sizeof *why);
	if (!list || !why)
		return aot_fail_memory(job);
	vsp_gpu_request request = {.data = job->data,
	        .format = format,
	        .kernels = list,
	        .count = list_kernels(job->data, list),
	        .deterministic = job->options.deterministic};
	if (!request.count)
		return vsp_error_set(job->error, VSP_E_ARGUMENT, "'%s': the program has no kernels", job->path);
	const char *failed = vsp_gpu_make(&request, why, code);
	if (failed)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "%s", failed);
	return note_missing(job, &request, why, code->bytes != NULL);
}
