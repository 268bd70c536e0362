/*
 * The interface between the files behind include/vsp/vsp.h: the layouts of its opaque types, and
 * the steps that several of these files take.
 *
 * Invariants. A module's data never changes once it is published; its code cache is filled by the
 * interpreter, which locks. An instance either has a program (module, exec and memory are all set)
 * or has none (all are null). active counts the runs and calls that are on the stack; while it is
 * not 0 the program stays.
 */
#ifndef VSP_TIERS_API_H
#define VSP_TIERS_API_H

#include <stdatomic.h>

#include <vsp/vsp.h>

#include "tiers/interp/interp.h"
#include "tiers/baseline/baseline.h"
#include "tiers/manager/manager.h"
#include "ir/profile.h"
#include "runtime/base/sized.h"
#include "runtime/state.h"

struct vsp_module {
	_Atomic uint32_t owners;
	uint64_t number; /* that no other module of the process has */
	vsp_module_data *data;
	vsp_code *code;
};

/* A function that the host has defined, whether or not a program asks for it. */
typedef struct vsp_definition {
	char *name;
	uint32_t params, results;
	vsp_import_fn fn;
	void *user;
} vsp_definition;

/* A model that the host has given. */
typedef struct vsp_host_model {
	char *name;
	uint8_t *data;
	size_t size;
} vsp_host_model;

/* The text kept by the default host: see vsp_output. */
typedef struct vsp_capture {
	char *text; /* 0-terminated when not null */
	size_t length, capacity;
} vsp_capture;
enum { VSP_CAPTURE_MAX = 1 << 20 };

typedef struct vsp_pool_slot vsp_pool_slot;

struct vsp_instance {
	vsp_rt rt;
	vsp_config config; /* host and cache are null here: rt.host and cache are copies */
	char *cache;       /* directory of the code cache, or null */
	vsp_module *module;
	vsp_exec *exec;
	vsp_baseline *baseline; /* null: no baseline code */
	vsp_beside beside;
	struct vsp_shown_code *shown; /* baseline code that gdb knows */
	vsp_manager *manager;         /* null: tier 0 only */
	vsp_profile *profile;         /* of the program; null: nothing is counted */
	vsp_trace *trace;             /* null: nothing is recorded */
	bool perf;                    /* it uses the process's files for perf */
	uint32_t active;
	uint32_t last_called; /* by vsp_call: where its name is looked up first */
	/*
	 * See call.c: the serial number of the thread whose calls may begin at once, 0: none; the
	 * part of its stack from which they may; and how functions are called at once
	 * (vsp_manager_host_call).
	 */
	uint64_t ready_for;
	const char *ready_low;
	size_t ready_size;
	const vsp_host_call *calls;
	vsp_pool_slot *slot;               /* of its pool; null: vsp_free frees it */
	void (*give)(vsp_pool_slot *slot); /* what vsp_free does with an instance of a pool */
	const vsp_snapshot *start;         /* the state after loading, an owner; null: the program's */
	bool wasi;                         /* it has the imports, and so the files, of a vsp_wasi */
	bool stepping;                     /* a stepped run has begun and has not ended */
	bool linked;                       /* imports are resolved */
	bool interrupted;                  /* a run trapped INTERRUPTED: a reset is needed */
	bool broken;                       /* a reset failed: another one is needed */
	bool doomed;                       /* vsp_free was called from a callback */
	vsp_definition *definitions;
	uint32_t definition_count, definition_capacity;
	vsp_import_fn *import_fns; /* the targets of rt.imports, import_users and import_sigs; import_count of each */
	void **import_users;
	struct vsp_rt_import_sig *import_sigs;
	vsp_capture capture;
	char *npu;                       /* config.npu, or null */
	struct host_provider *providers; /* those of the host, in host_provider.c */
	vsp_host_model *models;
	uint32_t model_count;
	vsp_rt_model *all_models; /* the target of rt.models: the program's, with the host's */
};

/* baseline.c: gives an instance without code its baseline compiler, if it is to have one. */
void vsp_instance_add_baseline(vsp_instance *instance);
/* Its code must not be running, and the interpreter must be gone. */
void vsp_instance_remove_baseline(vsp_instance *instance);

/*
 * Takes over data, which is verified, even when it fails; the result is then null. data may be null
 * (error is already set).
 */
vsp_module *vsp_module_wrap(vsp_module_data *data, vsp_error *error);
/*
 * load_file.c: do the first bytes of a program, of which 4 are enough, say that it is a binary and
 * no source? And the most bytes that a binary can have: 4 GiB of data and 16 MiB of code, with room
 * for sections.
 */
bool vsp_bytes_are_binary(const void *bytes, size_t size);
#define VSP_BINARY_LIMIT (UINT64_C(5) << 30)
/* source.c: vsp_assemble with complete options. */
vsp_module *vsp_source_assemble(const char *source, size_t size, const vsp_source_options *options, vsp_error *error);
/* The bytes of a program's file, no device, for vsp_plat_file_free; null: *why says why not. */
uint8_t *vsp_program_read(const char *path, size_t *size, const char **why);
/* Fills in what a caller gave, null for nothing. False: it is wrong, and error says how. */
bool vsp_source_options_copy(vsp_source_options *own, const vsp_source_options *options, vsp_error *error);

/* Makes module (not null; retained) the program of an instance that is not running. */
vsp_status vsp_instance_attach(vsp_instance *instance, vsp_module *module, vsp_error *error);
/* Leaves the instance without a program. */
void vsp_instance_detach(vsp_instance *instance);
/*
 * Resolves the program's imports from the definitions, once. VSP_E_LINK names those that are
 * missing, or the first that differs.
 */
vsp_status vsp_instance_link(vsp_instance *instance, vsp_error *error);

/*
 * backends.c: does the instance need back ends, by its program, its configuration or its host's
 * models? They are half of what a small instance takes.
 */
bool vsp_instance_needs_backends(const vsp_instance *instance);
/* Gives an instance the back ends of this build, unless it has them. False: out of memory. */
bool vsp_instance_attach_backends(vsp_instance *instance);
/* models.c: makes rt.models of the program's models and the host's. False: out of memory. */
bool vsp_instance_attach_models(vsp_instance *instance);
void vsp_instance_free_models(vsp_instance *instance);
/* host_table.c: may the instance get this back end of its host? Not VSP_OK: error says why not. */
struct vsp_provider_table;
vsp_status vsp_host_table_check(const vsp_instance *instance, const struct vsp_provider_table *table, vsp_error *error);
/* host_provider.c: after the back ends are destroyed. */
void vsp_instance_free_providers(vsp_instance *instance);
/* Is this one of the host's, and not the program's? index: of rt.models. */
bool vsp_instance_is_host_model(const vsp_instance *instance, uint32_t index);
/* backends.c: is a provider for GPUs open? Its driver is then part of the process. */
bool vsp_instance_uses_gpu(const vsp_instance *instance);
/* device_source.c: code of what is computed of batch instructions, without a program. */
struct vsp_device_source vsp_items_source(void);
/* device_source.c: the instance has a new program, from which devices get their code. */
void vsp_instance_give_device_code(vsp_instance *instance);
/*
 * Opens what config.backend asks for. VSP_E_UNSUPPORTED, VSP_E_ARGUMENT: it cannot be had; the
 * message says what would help.
 */
vsp_status vsp_instance_check_backend(vsp_instance *instance, vsp_error *error);

/* run.c: can a run or call of this instance begin? The first one links. instance may be null. */
vsp_status vsp_instance_check_ready(vsp_instance *instance, vsp_error *error);
/* run.c: a run or call that counted in active has ended. Afterwards the instance may have been
   freed. */
void vsp_instance_run_end(vsp_instance *instance, vsp_status status);
/* run.c: calls function f of the program, which is exported, after all checks. */
vsp_status vsp_instance_call(
        vsp_instance *instance, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error);
/* snapshot.c: adds an owner. The parts of starting from a snapshot. */
const vsp_snapshot *vsp_snapshot_retain(const vsp_snapshot *snapshot);
vsp_module *vsp_snapshot_module(const vsp_snapshot *snapshot);
uint32_t vsp_snapshot_pages(const vsp_snapshot *snapshot);
/* Gives memory the snapshot's size and contents. False: no memory. */
bool vsp_snapshot_fill(const vsp_snapshot *snapshot, vsp_linear_memory *memory);
/* Sets everything else. */
void vsp_snapshot_restore(const vsp_snapshot *snapshot, vsp_rt *rt);

/* The host that captures output; its user must be the capture. */
vsp_host vsp_capture_host(vsp_capture *capture);
void vsp_capture_clear(vsp_capture *capture);

/*
 * FNV-1a 64 of the module's file. Programs that were compiled from it contain it, and so do
 * profiles.
 */
vsp_status vsp_module_hash(const vsp_module *module, uint64_t *hash, vsp_error *error);

#endif
