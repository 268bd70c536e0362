/*
 * Sessions: an ONNX model in the library, ready to run on one execution provider. A session's
 * inputs and outputs are tensors of the element types below; buffers have them in the model's
 * order, one behind the other.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_SESSION_H
#define VSP_RUNTIME_BACKENDS_ONNX_SESSION_H

#include "execution_provider.h"
#include "ort.h"

enum { ORT_RANK_MAX = 16 };

/* An input or output. */
typedef struct ort_port {
	char *name; /* the library's, freed with its allocator */
	int element;
	size_t rank;
	int64_t dims[ORT_RANK_MAX]; /* negative: whatever the run says */
} ort_port;

typedef struct ort_ports {
	ort_port *list;
	size_t count;
} ort_ports;

typedef struct ort_model {
	const ort_library *ort;
	ort_session *session;
	ort_allocator *allocator; /* the library's, of names */
	ort_ports in, out;
	char placed[VSP_REASON_SIZE]; /* the nodes of each execution provider, or "" */
} ort_model;

/*
 * Does the library take the execution provider with its options, whatever the model? False with why
 * filled: it lists providers that it cannot append by name.
 */
bool vsp_ort_provider_works(const ort_library *ort, const ort_choice *choice, char *why, size_t size);

/*
 * Makes a session for a model on an execution provider; the account is charged with its tensors
 * until it is closed with vsp_ort_session_close. Null with why filled.
 */
ort_model *vsp_ort_session_open(const ort_library *ort, const ort_choice *choice, const vsp_rt_model *model,
        vsp_account *account, char *why, size_t size);
void vsp_ort_session_close(ort_model *model); /* may be null */

/*
 * The bytes of all inputs, or outputs, for a batch: it replaces the first dimension where that may
 * be anything. False with why filled: the model has another batch, or other open dimensions.
 */
bool vsp_ort_input_bytes(const ort_model *model, uint64_t batch, uint64_t *bytes, char *why, size_t size);
bool vsp_ort_output_bytes(const ort_model *model, uint64_t batch, uint64_t *bytes, char *why, size_t size);

/* The same of one input or output; leading: it is the first input, whose first dimension is the
   batch. */
bool vsp_ort_port_bytes(const ort_port *port, bool leading, uint64_t batch, uint64_t *bytes, char *why, size_t size);

/*
 * Runs the model. Inputs are read from in, and all outputs are copied to out, unless it fails; then
 * out is untouched. run may be null. The account is charged with a copy of the inputs, if one is
 * needed, and all tensors of the library, while the model runs.
 */
bool vsp_ort_session_run(const ort_model *model, ort_run_options *run, vsp_account *account, uint64_t batch,
        const uint8_t *in, uint8_t *out, char *why, size_t size);

/* The shape of EMERGE's model, f32[1,32] in and out? A first dimension may be open. */
bool vsp_ort_is_emerge(const ort_model *model);

/* Do two outputs of the model agree, as far as devices of less precision can? */
bool vsp_ort_alike(const ort_model *model, uint64_t batch, const uint8_t *a, const uint8_t *b);

#endif
