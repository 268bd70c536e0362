/*
 * One run of a session: tensors over the caller's bytes, the library's call, and its outputs copied
 * back when all of them are as the model said.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "allocator.h"
#include "elements.h"
#include "runtime/base/alloc.h"
#include "session.h"

/* Where an output's bytes are. */
typedef struct output {
	const uint8_t *data;
	uint64_t bytes;
} output;

/* The tensors of a run; owned by it. */
typedef struct tensors {
	const ort_model *model;
	ort_value **in, **out;
	output *outputs;
	const char **names; /* of the inputs, then of the outputs */
	uint8_t *aligned;   /* a copy of inputs, or null */
	ort_memory *memory;
	vsp_account *account;
	uint64_t counted; /* bytes in the account */
	uint64_t batch;
	char *why;
	size_t size;
} tensors;

static bool good(const tensors *t, ort_status *status)
{
	return vsp_ort_good(t->model->ort, status, "the model cannot be run", t->why, t->size);
}

static bool charge(tensors *t, uint64_t bytes)
{
	if (!vsp_account_take(t->account, bytes)) {
		snprintf(t->why, t->size, "the program's memory limit leaves no room for the tensors");
		return false;
	}
	t->counted += bytes;
	return true;
}

static bool prepare(tensors *t)
{
	const ort_model *m = t->model;
	t->in = vsp_alloc(m->in.count, sizeof(ort_value *));
	t->out = vsp_alloc(m->out.count, sizeof(ort_value *));
	t->outputs = vsp_alloc(m->out.count, sizeof *t->outputs);
	t->names = vsp_alloc(m->in.count + m->out.count, sizeof(char *));
	if (!t->in || !t->out || !t->outputs || !t->names) {
		snprintf(t->why, t->size, "out of memory");
		return false;
	}
	for (size_t i = 0; i < m->in.count; i++)
		t->names[i] = m->in.list[i].name;
	for (size_t i = 0; i < m->out.count; i++)
		t->names[m->in.count + i] = m->out.list[i].name;
	return good(t, m->ort->CreateCpuMemoryInfo(0, 0, &t->memory));
}

/* The library reads inputs where they are; the const is only lost for its sake. */
static bool bind_input(tensors *t, size_t i, const uint8_t *data, uint64_t bytes)
{
	const ort_port *port = &t->model->in.list[i];
	int64_t dims[ORT_RANK_MAX];
	for (size_t k = 0; k < port->rank; k++)
		dims[k] = port->dims[k] < 0 ? (int64_t)t->batch : port->dims[k];
	return good(t, t->model->ort->CreateTensorWithDataAsOrtValue(t->memory, (void *)(uintptr_t)data, (size_t)bytes,
	                       dims, port->rank, port->element, &t->in[i]));
}

/*
 * Elements must be aligned, and booleans 0 or 1; in a program's buffers they may not be, and then
 * every input is copied.
 */
static bool is_usable(const ort_model *m, uint64_t batch, const uint8_t *in)
{
	uint64_t bytes = 0;
	char ignored[8];
	for (size_t i = 0; i < m->in.count; i++) {
		if ((uintptr_t)in % vsp_ort_element_size(m->in.list[i].element) || m->in.list[i].element == ORT_BOOL)
			return false;
		if (!vsp_ort_port_bytes(&m->in.list[i], i == 0, batch, &bytes, ignored, sizeof ignored))
			return false;
		in += bytes;
	}
	return true;
}

enum { ALIGNED = 64 };

static void copy_elements(uint8_t *to, const uint8_t *from, uint64_t bytes, int element)
{
	memcpy(to, from, (size_t)bytes);
	for (uint64_t i = 0; element == ORT_BOOL && i < bytes; i++)
		to[i] = to[i] != 0;
}

static bool copy_inputs(tensors *t, const uint8_t *in)
{
	const ort_model *m = t->model;
	uint64_t total = 0, bytes = 0, at = 0;
	for (int pass = 0; pass < 2; pass++) {
		at = 0;
		for (size_t i = 0; i < m->in.count; i++) {
			if (!vsp_ort_port_bytes(&m->in.list[i], i == 0, t->batch, &bytes, t->why, t->size))
				return false;
			if (pass) {
				uint8_t *to = t->aligned + at;
				copy_elements(to, in, bytes, m->in.list[i].element);
				in += bytes;
				if (!bind_input(t, i, to, bytes))
					return false;
			}
			at += (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
		}
		total = at;
		if (!pass && !charge(t, total))
			return false;
		if (!pass && !(t->aligned = vsp_alloc((size_t)(total ? total : 1), 1))) {
			snprintf(t->why, t->size, "out of memory");
			return false;
		}
	}
	return true;
}

static bool bind_inputs(tensors *t, const uint8_t *in)
{
	const ort_model *m = t->model;
	if (!is_usable(m, t->batch, in))
		return copy_inputs(t, in);
	for (size_t i = 0; i < m->in.count; i++) {
		uint64_t bytes = 0;
		if (!vsp_ort_port_bytes(&m->in.list[i], i == 0, t->batch, &bytes, t->why, t->size) ||
		        !bind_input(t, i, in, bytes))
			return false;
		in += bytes;
	}
	return true;
}

/* Output i has as many bytes as its port says. */
static bool find_output(const tensors *t, size_t i, output *found_at)
{
	const ort_library *ort = t->model->ort;
	const ort_port *port = &t->model->out.list[i];
	ort_shape *shape = NULL;
	void *found = NULL;
	size_t elements = 0;
	int element = 0;
	if (!vsp_ort_port_bytes(port, false, t->batch, &found_at->bytes, t->why, t->size))
		return false;
	if (!good(t, ort->GetTensorTypeAndShape(t->out[i], &shape)))
		return false;
	bool read = good(t, ort->GetTensorShapeElementCount(shape, &elements)) &&
	            good(t, ort->GetTensorElementType(shape, &element));
	ort->ReleaseTensorTypeAndShapeInfo(shape);
	if (!read || !good(t, ort->GetTensorMutableData(t->out[i], &found)))
		return false;
	found_at->data = found;
	if (element == port->element && elements * vsp_ort_element_size(element) == found_at->bytes)
		return true;
	snprintf(t->why, t->size, "'%.40s' has another size than the model declares", port->name);
	return false;
}

/* All are looked at before the first is copied. */
static bool copy_outputs(const tensors *t, uint8_t *out)
{
	for (size_t i = 0; i < t->model->out.count; i++)
		if (!find_output(t, i, &t->outputs[i]))
			return false;
	for (size_t i = 0; i < t->model->out.count; i++) {
		const output *o = &t->outputs[i];
		if (o->bytes)
			memcpy(out, o->data, (size_t)o->bytes);
		out += o->bytes;
	}
	return true;
}

static void release(tensors *t)
{
	const ort_model *m = t->model;
	for (size_t i = 0; t->in && i < m->in.count; i++)
		if (t->in[i])
			m->ort->ReleaseValue(t->in[i]);
	for (size_t i = 0; t->out && i < m->out.count; i++)
		if (t->out[i])
			m->ort->ReleaseValue(t->out[i]);
	if (t->memory)
		m->ort->ReleaseMemoryInfo(t->memory);
	vsp_free_memory(t->in);
	vsp_free_memory(t->out);
	vsp_free_memory(t->outputs);
	vsp_free_memory(t->names);
	vsp_free_memory(t->aligned);
	vsp_account_give(t->account, t->counted);
}

static bool run_library(tensors *t, ort_run_options *run)
{
	const ort_model *m = t->model;
	vsp_ort_charge(t->account);
	bool ran = good(t, m->ort->Run(m->session, run, t->names, (const ort_value *const *)t->in, m->in.count,
	                           t->names + m->in.count, m->out.count, t->out));
	vsp_ort_charge_end(ran, t->why, t->size);
	return ran;
}

bool vsp_ort_session_run(const ort_model *m, ort_run_options *run, vsp_account *account, uint64_t batch,
        const uint8_t *in, uint8_t *out, char *why, size_t size)
{
	tensors t = {.model = m, .account = account, .batch = batch, .why = why, .size = size};
	bool ran = prepare(&t) && bind_inputs(&t, in) && run_library(&t, run) && copy_outputs(&t, out);
	release(&t);
	return ran;
}

/* ---- comparing ---- */

/* Devices compute with eleven bits of precision or more; sums of many products lose some of
   them. */
#define RELATIVE 0.02
#define ABSOLUTE 0.02

static bool are_near(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	return a == b || fabs(a - b) <= ABSOLUTE + RELATIVE * fabs(b);
}

static double half_value(const uint8_t *p)
{
	unsigned bits = p[0] | (unsigned)p[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
	double magnitude = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
	                   : exponent == 0 ? ldexp(fraction, -24)
	                                   : ldexp(fraction + 1024, (int)exponent - 25);
	return bits >> 15 ? -magnitude : magnitude;
}

/* Integers may be off by one, as results of quantised models are. */
static bool alike_element(int element, const uint8_t *a, const uint8_t *b)
{
	float f[2];
	double d[2];
	int32_t i[2];
	switch (element) {
	case ORT_F32:
		memcpy(&f[0], a, sizeof f[0]);
		memcpy(&f[1], b, sizeof f[1]);
		return are_near((double)f[0], (double)f[1]);
	case ORT_F64:
		memcpy(&d[0], a, sizeof d[0]);
		memcpy(&d[1], b, sizeof d[1]);
		return are_near(d[0], d[1]);
	case ORT_U8: i[0] = *a, i[1] = *b; break;
	case ORT_I8: i[0] = (int8_t)*a, i[1] = (int8_t)*b; break;
	case ORT_F16: return are_near(half_value(a), half_value(b));
	default: return memcmp(a, b, (size_t)vsp_ort_element_size(element)) == 0;
	}
	return i[0] - i[1] >= -1 && i[0] - i[1] <= 1;
}

bool vsp_ort_alike(const ort_model *m, uint64_t batch, const uint8_t *a, const uint8_t *b)
{
	char ignored[8];
	for (size_t i = 0; i < m->out.count; i++) {
		uint64_t bytes = 0, step = vsp_ort_element_size(m->out.list[i].element);
		if (!vsp_ort_port_bytes(&m->out.list[i], false, batch, &bytes, ignored, sizeof ignored))
			return false;
		for (uint64_t at = 0; at < bytes; at += step)
			if (!alike_element(m->out.list[i].element, a + at, b + at))
				return false;
		a += bytes;
		b += bytes;
	}
	return true;
}
