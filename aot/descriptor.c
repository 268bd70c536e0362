/*
 * The descriptor as constants of the program's module. Each function here writes one struct of
 * vsp_aot.h or aot/runtime/program.h, field by field in its order; LLVM lays unpacked structs out
 * as C does.
 */
#include "job.h"

#include <string.h>

#include "runtime/helpers.h"
#include "tiers/code_map.h"
#include "tiers/jit.h"

/* Types and the job, used while constants are made. */
typedef struct maker {
	aot_job *job;
	LLVMContextRef c;
	LLVMModuleRef module;
	LLVMTypeRef i8, i32, i64, ptr;
} maker;

static maker make(aot_job *job)
{
	LLVMContextRef c = job->context;
	return (maker){job, c, job->module, LLVMInt8TypeInContext(c), LLVMInt32TypeInContext(c),
	        LLVMInt64TypeInContext(c), LLVMPointerTypeInContext(c, 0)};
}

static LLVMValueRef u8(const maker *m, unsigned v) { return LLVMConstInt(m->i8, v, false); }
static LLVMValueRef u32(const maker *m, uint32_t v) { return LLVMConstInt(m->i32, v, false); }
static LLVMValueRef u64(const maker *m, uint64_t v) { return LLVMConstInt(m->i64, v, false); }
static LLVMValueRef null(const maker *m) { return LLVMConstNull(m->ptr); }

#define STRUCT(m, ...) \
	LLVMConstStructInContext((m)->c, (LLVMValueRef[]){__VA_ARGS__}, \
	        sizeof((LLVMValueRef[]){__VA_ARGS__}) / sizeof(LLVMValueRef), false)

/* An internal constant that nothing else may be merged with. */
static LLVMValueRef constant(const maker *m, const char *name, LLVMValueRef value)
{
	LLVMValueRef global = LLVMAddGlobal(m->module, LLVMTypeOf(value), name);
	LLVMSetInitializer(global, value);
	LLVMSetGlobalConstant(global, true);
	LLVMSetLinkage(global, LLVMInternalLinkage);
	return global;
}

static LLVMValueRef text(const maker *m, const char *s)
{
	LLVMValueRef global = constant(m, "vsp.text", LLVMConstStringInContext2(m->c, s, strlen(s), false));
	LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
	return global;
}

static LLVMValueRef bytes(const maker *m, const char *name, const uint8_t *data, uint32_t size)
{
	if (!size)
		return null(m);
	return constant(m, name, LLVMConstStringInContext2(m->c, (const char *)data, size, true));
}

/* Room for count values, or null with the error set. */
static LLVMValueRef *room(const maker *m, uint32_t count)
{
	LLVMValueRef *values = vsp_arena_array(&m->job->arena, count ? count : 1, sizeof(LLVMValueRef));
	if (!values)
		aot_fail_memory(m->job);
	return values;
}

static LLVMValueRef table(const maker *m, const char *name, LLVMValueRef *values, uint32_t count)
{
	if (!count)
		return null(m);
	return constant(m, name, LLVMConstArray2(LLVMTypeOf(values[0]), values, count));
}

/*
 * An array of structs of 32-bit members, as words. There may be one for each instruction of the
 * program, and LLVM would look each up, keep it and free it if they were constants of their own.
 */
static LLVMValueRef word_array(const maker *m, const void *rows, size_t size)
{
	return LLVMConstDataArray(m->i32, rows, size);
}

static LLVMValueRef word_table(const maker *m, const char *name, const void *rows, size_t size)
{
	return size ? constant(m, name, word_array(m, rows, size)) : null(m);
}

/* Room for count rows of a size, or null with the error set. */
static void *row_room(const maker *m, uint32_t count, size_t size)
{
	void *rows = vsp_arena_array(&m->job->arena, count ? count : 1, size);
	if (!rows)
		aot_fail_memory(m->job);
	return rows;
}

/* ---- tables of the program ---- */

/* vsp_aot_function */
static LLVMValueRef function_table(const maker *m)
{
	const vsp_module_data *d = m->job->data;
	LLVMValueRef *values = room(m, d->func_count);
	for (uint32_t i = 0; values && i < d->func_count; i++) {
		const vsp_func *f = &d->funcs[i];
		values[i] = STRUCT(m, text(m, vsp_module_func_name(d, i)), u32(m, f->params), u32(m, f->results),
		        u32(m, f->kind), u32(m, f->flags & VSP_FUNC_EXPORTED));
	}
	return values ? table(m, "vsp.functions", values, d->func_count) : null(m);
}

/* vsp_aot_function, and struct vsp_rt_import_sig */
static LLVMValueRef import_table(const maker *m, bool signatures)
{
	const vsp_module_data *d = m->job->data;
	LLVMValueRef *values = room(m, d->import_count);
	for (uint32_t i = 0; values && i < d->import_count; i++) {
		const vsp_import *f = &d->imports[i];
		if (signatures)
			values[i] = STRUCT(m, u8(m, f->params), u8(m, f->results));
		else
			values[i] = STRUCT(
			        m, text(m, f->name), u32(m, f->params), u32(m, f->results), u32(m, 0), u32(m, 0));
	}
	return values ? table(m, signatures ? "vsp.import_sigs" : "vsp.imports", values, d->import_count) : null(m);
}

/* vsp_rt_func */
static LLVMValueRef code_table(const maker *m, const LLVMValueRef *natives)
{
	const vsp_module_data *d = m->job->data;
	LLVMValueRef *values = room(m, d->func_count);
	for (uint32_t i = 0; values && i < d->func_count; i++) {
		const vsp_func *f = &d->funcs[i];
		values[i] = STRUCT(m, natives[i] ? natives[i] : null(m), u8(m, f->params), u8(m, f->results),
		        u8(m, f->kind), u8(m, 0), u32(m, f->start));
	}
	return values ? table(m, "vsp.code", values, d->func_count) : null(m);
}

static LLVMValueRef entry_table(const maker *m, const char *name, const LLVMValueRef *entries)
{
	uint32_t count = m->job->data->func_count;
	LLVMValueRef *values = room(m, count);
	for (uint32_t i = 0; values && i < count; i++)
		values[i] = entries[i] ? entries[i] : null(m);
	return values ? table(m, name, values, count) : null(m);
}

static LLVMValueRef line_table(const maker *m)
{
	const vsp_module_data *d = m->job->data;
	vsp_aot_line_row *rows = row_room(m, d->line_count, sizeof *rows);
	for (uint32_t i = 0; rows && i < d->line_count; i++) {
		const vsp_line *l = &d->lines[i];
		uint32_t line = l->line > 0 && l->line <= UINT32_MAX ? (uint32_t)l->line : 0;
		rows[i] = (vsp_aot_line_row){l->address, l->file, line, l->column};
	}
	return rows ? word_table(m, "vsp.lines", rows, d->line_count * sizeof *rows) : null(m);
}

static LLVMValueRef file_table(const maker *m)
{
	const vsp_module_data *d = m->job->data;
	LLVMValueRef *values = room(m, d->file_count);
	for (uint32_t i = 0; values && i < d->file_count; i++)
		values[i] = text(m, d->files[i]);
	return values ? table(m, "vsp.files", values, d->file_count) : null(m);
}

/* The payload of the section with the tag. */
static LLVMValueRef payload(const maker *m, const char *tag)
{
	const vsp_module_data *d = m->job->data;
	for (uint32_t i = 0; i < d->section_count; i++)
		if (memcmp(d->sections[i].tag, tag, sizeof d->sections[i].tag) == 0)
			return bytes(m, "vsp.payload", d->sections[i].payload, d->sections[i].size);
	return null(m);
}

/* vsp_table */
static LLVMValueRef element_tables(const maker *m)
{
	const vsp_payloads *p = &m->job->data->payloads;
	LLVMValueRef *values = room(m, p->table_count);
	for (uint32_t i = 0; values && i < p->table_count; i++)
		values[i] = STRUCT(m, u32(m, p->table_list[i].size), u32(m, p->table_list[i].used),
		        u32(m, p->table_list[i].first));
	return values ? table(m, "vsp.tables", values, p->table_count) : null(m);
}

/* vsp_payloads */
static LLVMValueRef payloads(const maker *m)
{
	const vsp_module_data *d = m->job->data;
	return STRUCT(m, payload(m, "GLOB"), payload(m, "TABL"), payload(m, "DSEG"),
	        d->payloads.func_types ? bytes(m, "vsp.types", d->payloads.func_types, 2 * d->func_count) : null(m),
	        element_tables(m), u32(m, d->payloads.table_count));
}

/* ---- the descriptor ---- */

/* Only programs that use back ends carry them. */
static LLVMValueRef backends(const maker *m)
{
	if (!m->job->data->uses_backends)
		return null(m);
	LLVMTypeRef type = LLVMFunctionType(m->ptr, (LLVMTypeRef[]){m->ptr, m->i32}, 2, false);
	return LLVMAddFunction(m->module, "vsp_backends_create", type);
}

/* Does the program run models? */
static bool uses_models(const vsp_module_data *d)
{
	vsp_insn i = {0};
	bool used = false, emerges = vsp_module_has_model(d, "emerge");
	for (uint32_t pc = 0; pc < d->code_size && !used; pc += i.length) {
		vsp_insn_decode(d->code, d->code_size, pc, &i);
		used = i.form == VSP_I_INFER || (i.form == VSP_I_EMERGE && emerges);
	}
	return used;
}

/* The providers that the program may need, by name: *count of them. */
static LLVMValueRef provider_table(const maker *m, uint32_t *count)
{
	enum { MODELS, DEVICES, PROVIDERS_MOST = 8 };
	LLVMValueRef values[PROVIDERS_MOST];
	bool needed[] = {[MODELS] = uses_models(m->job->data), [DEVICES] = m->job->unit_count};
	*count = 0;
#define PROVIDER(name, users) \
	if (needed[users] && *count < PROVIDERS_MOST) { \
		values[*count] = LLVMAddGlobal(m->module, m->i8, "vsp_provider_" #name); \
		LLVMSetVisibility(values[(*count)++], LLVMHiddenVisibility); \
	}
#include "runtime/backends/providers.def"
	return table(m, "vsp.providers", values, *count);
}

/* vsp_rt_model. Models that nothing runs are left out. */
static LLVMValueRef model_table(const maker *m, uint32_t *count)
{
	const vsp_module_data *d = m->job->data;
	LLVMValueRef *values = room(m, d->model_count);
	*count = values && uses_models(d) ? d->model_count : 0;
	for (uint32_t i = 0; i < *count; i++) {
		const vsp_model *model = &d->models[i];
		values[i] = STRUCT(
		        m, text(m, model->name), bytes(m, "vsp.model", model->data, model->size), u64(m, model->size));
	}
	return values ? table(m, "vsp.models", values, *count) : null(m);
}

/* vsp_aot_unit. Text of PTX ends in a 0, and words of SPIR-V are aligned. */
static LLVMValueRef unit(const maker *m, const aot_unit *u)
{
	enum { ALIGNED = 8 };
	LLVMValueRef code = null(m);
	if (u->code.bytes) {
		code = constant(m, "vsp.unit",
		        LLVMConstStringInContext2(m->c, (const char *)u->code.bytes, u->code.size, false));
		LLVMSetAlignment(code, ALIGNED);
	}
	return STRUCT(m, u32(m, u->kernel), u32(m, u->format), u32(m, u->code.needs), u32(m, 0), u64(m, u->code.size),
	        code, u->why ? text(m, u->why) : null(m));
}

static LLVMValueRef unit_table(const maker *m)
{
	const aot_job *job = m->job;
	LLVMValueRef *values = room(m, job->unit_count);
	for (uint32_t i = 0; values && i < job->unit_count; i++)
		values[i] = unit(m, &job->units[i]);
	return values ? table(m, "vsp.units", values, job->unit_count) : null(m);
}

/* Only programs with device code carry what finds it. */
static LLVMValueRef unit_finder(const maker *m)
{
	if (!m->job->unit_count)
		return null(m);
	LLVMTypeRef type = LLVMFunctionType(m->ptr, (LLVMTypeRef[]){m->ptr, m->i32, m->i32, m->ptr}, 4, false);
	return LLVMAddFunction(m->module, "vsp_aot_find_unit", type);
}

static LLVMValueRef backend_check(const maker *m)
{
	LLVMTypeRef type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->i8, m->ptr, m->ptr}, 4, false);
	return LLVMAddFunction(m->module, "vsp_backends_check", type);
}

static LLVMValueRef feature_check(const maker *m)
{
	if (!*m->job->features)
		return null(m);
	LLVMTypeRef type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->ptr}, 2, false);
	return LLVMAddFunction(m->module, "vsp_aot_check_features", type);
}

/* Only programs with kernels carry what runs them. */
static LLVMValueRef kernel_calls(const maker *m)
{
	bool any = false;
	for (uint32_t f = 0; f < m->job->data->func_count && !any; f++)
		any = aot_has_loop(m->job, f);
	if (!any)
		return null(m);
	LLVMValueRef calls = LLVMAddGlobal(m->module, m->i8, "vsp_aot_kernel_calls");
	LLVMSetVisibility(calls, LLVMHiddenVisibility);
	return calls;
}

/* Only programs that import WASI carry it. */
static LLVMValueRef wasi_calls(const maker *m)
{
	if (!aot_uses_wasi(m->job))
		return null(m);
	LLVMValueRef calls = LLVMAddGlobal(m->module, m->i8, "vsp_aot_wasi");
	LLVMSetVisibility(calls, LLVMHiddenVisibility);
	return calls;
}

/* vsp_wasi_preopen */
static LLVMValueRef dir_table(const maker *m)
{
	const aot_options *o = &m->job->options;
	LLVMTypeRef type = LLVMStructTypeInContext(m->c, (LLVMTypeRef[]){m->i32, m->i32, m->ptr, m->ptr}, 4, false);
	uint32_t size = (uint32_t)LLVMABISizeOfType(m->job->layout, type); /* on the target */
	LLVMValueRef *values = room(m, o->dir_count);
	for (uint32_t i = 0; values && i < o->dir_count; i++)
		values[i] = STRUCT(m, u32(m, size), u32(m, o->dirs[i].read_only), text(m, o->dirs[i].host),
		        text(m, o->dirs[i].guest));
	return values ? table(m, "vsp.dirs", values, o->dir_count) : null(m);
}

static LLVMValueRef env_table(const maker *m)
{
	const aot_options *o = &m->job->options;
	LLVMValueRef *values = room(m, o->env_count);
	for (uint32_t i = 0; values && i < o->env_count; i++)
		values[i] = text(m, o->env[i]);
	return values ? table(m, "vsp.env", values, o->env_count) : null(m);
}

/* used[n]: the program has a SYSCALL n. */
static void find_services(const vsp_module_data *d, bool used[VSP_RT_SERVICES])
{
	vsp_insn i;
	for (uint32_t pc = 0; pc < d->code_size; pc += i.length) {
		vsp_insn_decode(d->code, d->code_size, pc, &i);
		if (i.form == VSP_I_SYSCALL && (uint64_t)i.imm < VSP_RT_SERVICES)
			used[i.imm] = true;
	}
}

/* vsp_rt_service */
static LLVMValueRef service(const maker *m, const char *function, const char *name, uint32_t capability)
{
	LLVMTypeRef type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->ptr, m->ptr}, 3, false);
	LLVMTypeRef word = LLVMIntPtrTypeInContext(m->c, m->job->layout);
	return STRUCT(
	        m, LLVMAddFunction(m->module, function, type), text(m, name), LLVMConstInt(word, capability, false));
}

/* vsp_rt_services: with the program's SYSCALLs alone. */
static void emit_services(const maker *m)
{
	enum { VSP_CAP_NONE = 0 };
	bool used[VSP_RT_SERVICES] = {false};
	LLVMTypeRef word = LLVMIntPtrTypeInContext(m->c, m->job->layout);
	LLVMTypeRef row = LLVMStructTypeInContext(m->c, (LLVMTypeRef[]){m->ptr, m->ptr, word}, 3, false);
	LLVMValueRef rows[VSP_RT_SERVICES];
	find_services(m->job->data, used);
	for (unsigned i = 0; i < VSP_RT_SERVICES; i++)
		rows[i] = LLVMConstNull(row);
#define SYSCALL(NAME, id, reads, writes, flags, CAP, meaning) \
	if (used[id]) \
		rows[id] = service(m, "vsp_rt_call_" #NAME, #NAME, VSP_CAP_##CAP);
#include "runtime/syscalls.def"
	LLVMValueRef all = LLVMConstArray2(row, rows, VSP_RT_SERVICES);
	LLVMValueRef global = LLVMAddGlobal(m->module, LLVMTypeOf(all), "vsp_rt_services");
	LLVMSetInitializer(global, all);
	LLVMSetGlobalConstant(global, true);
	LLVMSetVisibility(global, LLVMHiddenVisibility);
}

/* vsp_aot_program. The table of places is only declared: its contents are known once the code
   is. */
static LLVMValueRef program(
        const maker *m, const LLVMValueRef *entries, const LLVMValueRef *loops, const LLVMValueRef *natives)
{
	const vsp_module_data *d = m->job->data;
	const aot_options *o = &m->job->options;
	uint32_t providers, models;
	LLVMValueRef provider_list = provider_table(m, &providers), model_list = model_table(m, &models);
	LLVMValueRef create = backends(m);
	LLVMValueRef places = LLVMAddGlobal(m->module, m->i8, "vsp.places");
	LLVMSetVisibility(places, LLVMHiddenVisibility);
	return constant(m, "vsp.program",
	        STRUCT(m, code_table(m, natives), entry_table(m, "vsp.entries", entries),
	                entry_table(m, "vsp.loops", loops), import_table(m, true),
	                bytes(m, "vsp.data", d->data, d->data_size), payloads(m), file_table(m), line_table(m), places,
	                create, provider_list, model_list, feature_check(m), kernel_calls(m), unit_table(m),
	                unit_finder(m), LLVMIsNull(create) ? create : backend_check(m), wasi_calls(m), dir_table(m),
	                env_table(m), u32(m, o->dir_count), u32(m, o->env_count), u32(m, d->line_count),
	                u32(m, d->entry_func), u32(m, d->mode), u32(m, o->max_depth), u32(m, o->capabilities),
	                u32(m, o->check_kernels), u32(m, vsp_module_has_model(d, "emerge")), u32(m, !d->has_floats),
	                u32(m, providers), u32(m, models), u32(m, d->code_size), u32(m, m->job->unit_count),
	                u64(m, o->max_memory), u64(m, (uint64_t)o->fuel)));
}

static uint32_t flags_of(const aot_options *o)
{
	return (o->explicit_bounds ? VSP_AOT_EXPLICIT_BOUNDS : 0u) | (o->no_signals ? VSP_AOT_NO_SIGNALS : 0u) |
	       (o->precise ? VSP_AOT_PRECISE_TRAPS : 0u) | (o->deterministic ? VSP_AOT_DETERMINISTIC : 0u) |
	       (o->fuel_on ? VSP_AOT_FUEL : 0u);
}

static uint32_t module_flags(const vsp_module_data *d)
{
	return vsp_module_is_translated(d) ? VSP_AOT_WEBASSEMBLY : 0u;
}

/* vsp_aot_descriptor, under its plain name: the prefix is put on at the end. */
void aot_emit_descriptor(
        aot_job *job, const LLVMValueRef *entries, const LLVMValueRef *loops, const LLVMValueRef *natives)
{
	maker own = make(job), *m = &own;
	const vsp_module_data *d = job->data;
	if (job->options.runtime)
		emit_services(m);
	LLVMValueRef members[] = {u32(m, 0), u32(m, VSP_AOT_ABI_VERSION), u32(m, vsp_module_version(d)),
	        u32(m, flags_of(&job->options) | module_flags(d)), u64(m, job->hash), u32(m, d->initial_pages),
	        u32(m, d->max_pages), u32(m, d->stack_top), u32(m, d->data_size), u32(m, d->import_count),
	        u32(m, d->func_count), import_table(m, false), function_table(m), text(m, job->triple),
	        text(m, job->features), program(m, entries, loops, natives)};
	unsigned count = sizeof members / sizeof members[0];
	LLVMTypeRef type = LLVMTypeOf(LLVMConstStructInContext(m->c, members, count, false));
	members[0] = u32(m, (uint32_t)LLVMABISizeOfType(job->layout, type)); /* on the target */
	LLVMValueRef global = LLVMAddGlobal(job->module, type, "vsp_aot_module");
	LLVMSetInitializer(global, LLVMConstStructInContext(m->c, members, count, false));
	LLVMSetGlobalConstant(global, true);
}

/* vsp_aot_places */
void aot_emit_places(aot_job *job, LLVMValueRef code, const vsp_place *places, uint32_t count, const vsp_code_map *map)
{
	maker own = make(job), *m = &own;
	LLVMValueRef declared = LLVMGetNamedGlobal(job->module, "vsp.places");
	if (!declared)
		return;
	vsp_aot_place *rows = row_room(m, count, sizeof *rows);
	if (!rows)
		return;
	for (uint32_t i = 0; i < count; i++)
		rows[i] = (vsp_aot_place){places[i].offset, places[i].pc, map->outer ? map->outer[i] : VSP_NO_SITE};
	LLVMValueRef sites = word_table(m, "vsp.sites", map->sites, map->site_count * sizeof *map->sites);
	LLVMValueRef value = STRUCT(m, code ? code : null(m), sites, u32(m, count), u32(m, (uint32_t)job->frame),
	        word_array(m, rows, count * sizeof *rows));
	LLVMValueRef global = constant(m, "vsp.place_table", value);
	LLVMReplaceAllUsesWith(declared, global);
	LLVMDeleteGlobal(declared);
}
