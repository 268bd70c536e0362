/*
 * Making sessions and their descriptions, see session.h.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "allocator.h"
#include "check.h"
#include "elements.h"
#include "runtime/base/alloc.h"

/*
 * Settings of every session: one thread, which waits without spinning; only the bytes given; and
 * memory from the allocator that counts.
 */
static const char *const settings[][2] = {
        {"session.intra_op.allow_spinning", "0"},
        {"session.inter_op.allow_spinning", "0"},
        {"session.load_model_format", "ONNX"},
        {"session.use_env_allocators", "1"}, /* the one that counts */
        /* It would compute with memory that is not counted. */
        {"optimization.disable_specified_optimizers", "ConstantFolding"},
};

/* What a call of the library was for, with room for its message. */
typedef struct attempt {
	const ort_library *ort;
	const char *what;
	char *why;
	size_t size;
} attempt;

static bool good(const attempt *a, ort_status *status)
{
	return vsp_ort_good(a->ort, status, a->what, a->why, a->size);
}

/* ---- options ---- */

static bool set_provider(const attempt *a, ort_options *options, const ort_choice *choice)
{
	if (!choice->name[0])
		return true;
	if (!a->ort->AppendExecutionProvider) {
		snprintf(
		        a->why, a->size, "ONNX Runtime %s is too old for execution providers by name", a->ort->version);
		return false;
	}
	return good(a, a->ort->AppendExecutionProvider(
	                       options, choice->name, choice->keys, choice->values, choice->count)) &&
	       (!choice->strict ||
	               good(a, a->ort->AddSessionConfigEntry(options, "session.disable_cpu_ep_fallback", "1")));
}

static bool set_options(const attempt *a, ort_options *options, const ort_choice *choice)
{
	const ort_library *ort = a->ort;
	bool set = good(a, ort->SetIntraOpNumThreads(options, 1)) && good(a, ort->SetInterOpNumThreads(options, 1)) &&
	           good(a, ort->SetSessionGraphOptimizationLevel(options, ORT_ALL_OPTIMIZATIONS)) &&
	           good(a, ort->SetSessionLogSeverityLevel(options, ORT_VERBOSE));
	for (size_t i = 0; set && i < sizeof settings / sizeof *settings; i++)
		set = good(a, ort->AddSessionConfigEntry(options, settings[i][0], settings[i][1]));
	return set && set_provider(a, options, choice);
}

static bool create(
        const attempt *a, const ort_choice *choice, const vsp_rt_model *model, vsp_account *account, ort_model *to)
{
	const ort_library *ort = a->ort;
	ort_options *options = NULL;
	if (!good(a, ort->CreateSessionOptions(&options)))
		return false;
	bool made = set_options(a, options, choice);
	vsp_ort_collect(to->placed, sizeof to->placed);
	vsp_ort_charge(account);
	made = made &&
	       good(a, ort->CreateSessionFromArray(ort->env, model->data, (size_t)model->size, options, &to->session));
	vsp_ort_charge_end(made, a->why, a->size);
	vsp_ort_collect(NULL, 0);
	ort->ReleaseSessionOptions(options);
	return made;
}

bool vsp_ort_provider_works(const ort_library *ort, const ort_choice *choice, char *why, size_t size)
{
	const attempt a = {ort, "the execution provider cannot be used", why, size};
	ort_options *options = NULL;
	if (!choice->name[0])
		return true;
	if (!good(&a, ort->CreateSessionOptions(&options)))
		return false;
	bool works = set_provider(&a, options, choice);
	ort->ReleaseSessionOptions(options);
	return works;
}

/* ---- inputs and outputs ---- */

static bool read_shape(const attempt *a, const ort_shape *shape, ort_port *port)
{
	const ort_library *ort = a->ort;
	if (!good(a, ort->GetTensorElementType(shape, &port->element)) ||
	        !good(a, ort->GetDimensionsCount(shape, &port->rank)))
		return false;
	if (!vsp_ort_element_size(port->element)) {
		snprintf(a->why, a->size, "'%.40s' has elements of a type that INFER does not take", port->name);
		return false;
	}
	if (port->rank > ORT_RANK_MAX) {
		snprintf(a->why, a->size, "'%.40s' has more than %d dimensions", port->name, ORT_RANK_MAX);
		return false;
	}
	return good(a, ort->GetDimensions(shape, port->dims, port->rank));
}

static bool read_type(const attempt *a, const ort_type *type, ort_port *port)
{
	int kind = 0;
	const ort_shape *shape = NULL;
	if (!good(a, a->ort->GetOnnxTypeFromTypeInfo(type, &kind)))
		return false;
	if (kind == ORT_TENSOR)
		return good(a, a->ort->CastTypeInfoToTensorInfo(type, &shape)) && read_shape(a, shape, port);
	snprintf(a->why, a->size, "'%.40s' is no tensor, and INFER takes nothing else", port->name);
	return false;
}

/* The calls for inputs, or those for outputs. */
typedef struct port_calls {
	ort_status *(*count)(const ort_session *, size_t *);
	ort_status *(*type)(const ort_session *, size_t, ort_type **);
	ort_status *(*name)(const ort_session *, size_t, ort_allocator *, char **);
} port_calls;

static bool read_port(const attempt *a, const port_calls *calls, const ort_model *model, size_t i, ort_port *port)
{
	ort_type *type = NULL;
	if (!good(a, calls->name(model->session, i, model->allocator, &port->name)) ||
	        !good(a, calls->type(model->session, i, &type)))
		return false;
	bool read = read_type(a, type, port);
	a->ort->ReleaseTypeInfo(type);
	return read;
}

static bool read_ports(const attempt *a, const port_calls *calls, const ort_model *model, ort_ports *ports)
{
	size_t count = 0;
	if (!good(a, calls->count(model->session, &count)))
		return false;
	ports->list = vsp_alloc(count, sizeof *ports->list);
	if (!ports->list) {
		snprintf(a->why, a->size, "out of memory");
		return false;
	}
	for (; ports->count < count; ports->count++)
		if (!read_port(a, calls, model, ports->count, &ports->list[ports->count])) {
			ports->count++; /* its name may be there */
			return false;
		}
	return true;
}

static void free_ports(const ort_model *model, ort_ports *ports)
{
	char ignored[64];
	const ort_library *ort = model->ort;
	for (size_t i = 0; i < ports->count; i++)
		if (ports->list[i].name)
			vsp_ort_good(ort, ort->AllocatorFree(model->allocator, ports->list[i].name), "", ignored,
			        sizeof ignored);
	vsp_free_memory(ports->list);
}

ort_model *vsp_ort_session_open(const ort_library *ort, const ort_choice *choice, const vsp_rt_model *model,
        vsp_account *account, char *why, size_t size)
{
	const attempt a = {ort, "the model cannot be loaded", why, size};
	const char *refused = vsp_onnx_check(model->data, (size_t)model->size);
	ort_model *to = refused ? NULL : vsp_alloc(1, sizeof *to);
	if (!to) {
		snprintf(why, size, "%s", refused ? refused : "out of memory");
		return NULL;
	}
	const port_calls in = {ort->SessionGetInputCount, ort->SessionGetInputTypeInfo, ort->SessionGetInputName},
	                 out = {ort->SessionGetOutputCount, ort->SessionGetOutputTypeInfo, ort->SessionGetOutputName};
	to->ort = ort;
	if (create(&a, choice, model, account, to) && good(&a, ort->GetAllocatorWithDefaultOptions(&to->allocator)) &&
	        read_ports(&a, &in, to, &to->in) && read_ports(&a, &out, to, &to->out))
		return to;
	vsp_ort_session_close(to);
	return NULL;
}

void vsp_ort_session_close(ort_model *model)
{
	if (!model)
		return;
	free_ports(model, &model->in);
	free_ports(model, &model->out);
	if (model->session)
		model->ort->ReleaseSession(model->session);
	vsp_free_memory(model);
}

/* ---- sizes ---- */

/*
 * One dimension for a batch. The first one of the first input is the batch, whether it is open or
 * fixed; an open first dimension elsewhere is the batch too.
 */
static bool dimension(
        const ort_port *port, size_t i, bool leading, uint64_t batch, uint64_t *value, char *why, size_t size)
{
	int64_t fixed = port->dims[i];
	*value = fixed < 0 ? batch : (uint64_t)fixed;
	if (fixed < 0 && i > 0)
		snprintf(why, size, "'%.40s' has an open dimension beside the first one", port->name);
	else if (fixed >= 0 && i == 0 && leading && (uint64_t)fixed != batch)
		snprintf(why, size, "the model takes batches of %lld, not of %llu", (long long)fixed,
		        (unsigned long long)batch);
	else
		return true;
	return false;
}

bool vsp_ort_port_bytes(const ort_port *port, bool leading, uint64_t batch, uint64_t *bytes, char *why, size_t size)
{
	const uint64_t most = UINT64_C(1) << 40; /* more than any linear memory */
	uint64_t total = vsp_ort_element_size(port->element), value;
	for (size_t i = 0; i < port->rank; i++) {
		if (!dimension(port, i, leading, batch, &value, why, size))
			return false;
		if (value && total > most / value)
			total = most;
		else
			total *= value;
	}
	*bytes = total;
	return true;
}

static bool ports_bytes(const ort_ports *ports, bool in, uint64_t batch, uint64_t *bytes, char *why, size_t size)
{
	*bytes = 0;
	for (size_t i = 0; i < ports->count; i++) {
		uint64_t one = 0;
		if (!vsp_ort_port_bytes(&ports->list[i], in && i == 0, batch, &one, why, size))
			return false;
		*bytes += *bytes < UINT64_MAX / 2 ? one : 0; /* one is at most 2^40, and this more than any memory */
	}
	return true;
}

bool vsp_ort_input_bytes(const ort_model *model, uint64_t batch, uint64_t *bytes, char *why, size_t size)
{
	return ports_bytes(&model->in, true, batch, bytes, why, size);
}

bool vsp_ort_output_bytes(const ort_model *model, uint64_t batch, uint64_t *bytes, char *why, size_t size)
{
	return ports_bytes(&model->out, false, batch, bytes, why, size);
}

bool vsp_ort_is_emerge(const ort_model *model)
{
	const ort_ports *all[] = {&model->in, &model->out};
	for (unsigned i = 0; i < 2; i++) {
		const ort_port *p = all[i]->list;
		if (all[i]->count != 1 || p->element != ORT_F32 || p->rank != 2 ||
		        (p->dims[0] >= 0 && p->dims[0] != 1) || p->dims[1] != 32)
			return false;
	}
	return true;
}
