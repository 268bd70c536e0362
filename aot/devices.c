/*
 * Device code that compiled programs carry, so that their batch instructions run on GPUs without a
 * compiler on the machine: a unit of SPIR-V and one of PTX for each kernel that the program
 * launches, and for each batch instruction that devices compute.
 */
#include "job.h"

#include "runtime/base/error.h"
#include "tiers/gpu.h"

/* What the program has that concerns devices. */
typedef struct use {
	bool *kernels; /* per function: it is launched */
	bool items[VSP_DEVICE_ITEMS];
	bool hint; /* HINT.GPU */
	uint32_t count;
} use;

static void mark(use *u, bool *what)
{
	u->count += !*what;
	*what = true;
}

static void look_at(use *u, const vsp_insn *i)
{
	switch (i->form) {
	case VSP_I_HINT_GPU: u->hint = true; break;
	case VSP_I_LAUNCH: mark(u, &u->kernels[i->imm]); break;
	case VSP_I_GRADB: mark(u, &u->items[VSP_ITEM_GRADB]); break;
	case VSP_I_DESCB: mark(u, &u->items[VSP_ITEM_DESCB]); break;
	case VSP_I_VRED_XOR: mark(u, &u->items[VSP_ITEM_VRED_XOR]); break;
#define VMAP(name, selector, value) \
	case VSP_I_VMAP_MUL + (selector): mark(u, &u->items[VSP_ITEM_VMAP + (selector)]); break;
#include "runtime/arith/vmap.def"
	default: break;
	}
}

static void find_use(const vsp_module_data *m, use *u)
{
	vsp_insn i;
	for (uint32_t pc = 0; pc < m->code_size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		look_at(u, &i);
	}
}

/* ---- is it wanted? ---- */

static bool is_granted(const aot_job *job)
{
	return job->options.kind != AOT_EXECUTABLE || job->options.capabilities & VSP_CAP_GPU;
}

static bool is_possible(const aot_job *job)
{
	return job->options.runtime && job->known.holds & AOT_LINUX && LLVMPointerSize(job->layout) == 8;
}

/* Device code that is asked for and cannot be had, or could never be used, is an error. */
static vsp_status check_asked(aot_job *job, const use *u)
{
	const char *why = NULL;
	if (!is_possible(job))
		why = "only .so, .o, .a and executables for Linux on 64 bits have device code; .ptx and .spv are "
		      "device "
		      "code alone";
	else if (!u->count)
		why = "the program has no instruction that a GPU runs";
	else if (!is_granted(job))
		why = "an executable uses a GPU only with the capability: add --allow=gpu";
	return why ? vsp_error_set(job->error, VSP_E_ARGUMENT, "'--gpu=on': %s", why) : VSP_OK;
}

/* ---- making it ---- */

/* Null, or why there is no device code at all. */
static const char *compile(aot_job *job, aot_unit *unit)
{
	vsp_gpu_request request = {.data = job->data,
	        .format = (enum vsp_device_format)unit->format,
	        .kernels = &unit->kernel,
	        .count = 1,
	        .deterministic = job->options.deterministic};
	return vsp_gpu_make(&request, &unit->why, &unit->code);
}

static void note_missing(aot_job *job, const aot_unit *unit)
{
	const char *name = unit->kernel < job->data->func_count ? vsp_module_func_name(job->data, unit->kernel) : "";
	vsp_error_set(
	        job->error, VSP_OK, "kernel '%s' stays on the CPU: %s", *name ? name : "without a name", unit->why);
}

/* In each format. */
static const char *add(aot_job *job, uint32_t kernel)
{
	const char *failed = NULL;
	for (uint32_t format = 0; format < VSP_DEVICE_FORMATS && !failed; format++) {
		aot_unit *unit = &job->units[job->unit_count];
		*unit = (aot_unit){.kernel = kernel, .format = format};
		failed = compile(job, unit);
		job->unit_count += !failed;
		if (unit->why)
			note_missing(job, unit);
	}
	return failed;
}

static const char *add_all(aot_job *job, const use *u)
{
	const char *failed = NULL;
	for (uint32_t f = 0; f < job->data->func_count && !failed; f++)
		failed = u->kernels[f] ? add(job, f) : NULL;
	for (uint32_t n = 0; n < VSP_DEVICE_ITEMS && !failed; n++)
		failed = u->items[n] ? add(job, VSP_DEVICE_ITEM(n)) : NULL;
	return failed;
}

static vsp_status make(aot_job *job, const use *u)
{
	job->units = vsp_arena_array(&job->arena, u->count * VSP_DEVICE_FORMATS, sizeof *job->units);
	if (!job->units)
		return aot_fail_memory(job);
	const char *failed = add_all(job, u);
	if (!failed)
		return VSP_OK;
	aot_free_units(job);
	bool asked = job->options.gpu == AOT_GPU_ON;
	return vsp_error_set(job->error, asked ? VSP_E_UNSUPPORTED : VSP_OK, "no device code: %s", failed);
}

vsp_status aot_make_units(aot_job *job)
{
	use u = {.kernels = vsp_arena_array(&job->arena, job->data->func_count, sizeof(bool))};
	enum aot_gpu asked = job->options.gpu;
	if (!u.kernels)
		return aot_fail_memory(job);
	find_use(job->data, &u);
	if (asked == AOT_GPU_ON && check_asked(job, &u) != VSP_OK)
		return job->error->code;
	bool wanted = asked == AOT_GPU_ON || (asked == AOT_GPU_AUTO && u.hint && is_possible(job) && is_granted(job));
	return wanted && u.count ? make(job, &u) : VSP_OK;
}

void aot_free_units(aot_job *job)
{
	for (uint32_t i = 0; i < job->unit_count; i++)
		vsp_gpu_drop(&job->units[i].code);
	job->unit_count = 0;
}
