/*
 * The exported functions with C's calling convention, as short as possible, since hosts call them
 * often:
 *
 *   NAME(instance, args, results)  puts the params into rt->r, calls vsp_aot_start (or _short, or
 *   _float), and takes the results from there
 *
 * vsp_aot_start calls the function's start form (ir/lower/lower.h), in a protected call.
 */
#include "job.h"

#include <string.h>

#include "ir/lower/c_abi.h"
#include "ir/lower/state.h"
#include "ir/short.h"

typedef struct maker {
	aot_job *job;
	LLVMBuilderRef b;
	LLVMTypeRef ptr, i32, i64;
	uint64_t registers; /* offset in rt */
} maker;

static LLVMValueRef field(const maker *m, LLVMValueRef base, uint64_t offset)
{
	LLVMValueRef bytes = LLVMConstInt(m->i64, offset, false);
	return LLVMBuildInBoundsGEP2(m->b, LLVMInt8TypeInContext(m->job->context), base, &bytes, 1, "");
}

static LLVMValueRef word(const maker *m, LLVMValueRef base, unsigned n) { return field(m, base, n * sizeof(uint64_t)); }

static void copy_words(const maker *m, LLVMValueRef to, LLVMValueRef from, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		LLVMBuildStore(m->b, LLVMBuildLoad2(m->b, m->i64, word(m, from, i), ""), word(m, to, i));
}

static LLVMValueRef registers(const maker *m, LLVMValueRef rt) { return field(m, rt, m->registers); }

/* A function of the runtime. */
static LLVMValueRef declare(const maker *m, const char *name, LLVMTypeRef type)
{
	LLVMValueRef fn = LLVMGetNamedFunction(m->job->module, name);
	if (fn)
		return fn;
	fn = LLVMAddFunction(m->job->module, name, type);
	vsp_lower_c_parameters(fn);
	vsp_lower_c_result(fn, true); /* no vsp_status is negative, whichever type the enumeration has */
	return fn;
}

/* The function of the runtime that starts it. A short one needs no protected call. */
static const char *way_in(const maker *m, LLVMValueRef start, uint32_t func)
{
	if (aot_uses_floats(m->job, start))
		return "vsp_aot_start_float";
	bool is_short = !m->job->options.fuel_on && vsp_function_is_short(m->job->data, func);
	return is_short ? "vsp_aot_start_short" : "vsp_aot_start";
}

/* Is any pointer null that must not be? */
static LLVMValueRef any_null(const maker *m, LLVMValueRef fn, const vsp_func *f)
{
	LLVMValueRef any = LLVMBuildIsNull(m->b, LLVMGetParam(fn, 0), "");
	if (f->params)
		any = LLVMBuildOr(m->b, any, LLVMBuildIsNull(m->b, LLVMGetParam(fn, 1), ""), "");
	if (f->results)
		any = LLVMBuildOr(m->b, any, LLVMBuildIsNull(m->b, LLVMGetParam(fn, 2), ""), "");
	return any;
}

/* vsp_aot_enter reports the error. */
static void emit_refusal(const maker *m, LLVMValueRef fn, uint32_t func)
{
	LLVMTypeRef type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->i32, m->ptr, m->ptr}, 4, false);
	LLVMValueRef args[] = {
	        LLVMGetParam(fn, 0), LLVMConstInt(m->i32, func, false), LLVMGetParam(fn, 1), LLVMGetParam(fn, 2)};
	LLVMValueRef call = LLVMBuildCall2(m->b, type, declare(m, "vsp_aot_enter", type), args, 4, "");
	LLVMSetTailCall(call, true);
	LLVMBuildRet(m->b, call);
}

/* vsp_status NAME(vsp_aot_instance *, const int64_t *args, int64_t *results) */
static void emit_export(const maker *m, const char *symbol, uint32_t func)
{
	const vsp_func *f = &m->job->data->funcs[func];
	LLVMContextRef c = m->job->context;
	LLVMTypeRef type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->ptr, m->ptr}, 3, false);
	LLVMTypeRef start_type = LLVMFunctionType(m->i32, (LLVMTypeRef[]){m->ptr, m->i32, m->ptr}, 3, false);
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, VSP_POINT_START, func, 0);
	LLVMValueRef start = LLVMGetNamedFunction(m->job->module, name),
	             fn = LLVMAddFunction(m->job->module, symbol, type);
	vsp_lower_c_result(fn, true);
	LLVMBasicBlockRef first = LLVMAppendBasicBlockInContext(c, fn, ""),
	                  go = LLVMAppendBasicBlockInContext(c, fn, ""),
	                  good = LLVMAppendBasicBlockInContext(c, fn, ""),
	                  end = LLVMAppendBasicBlockInContext(c, fn, ""),
	                  bad = LLVMAppendBasicBlockInContext(c, fn, "");
	LLVMPositionBuilderAtEnd(m->b, first);
	LLVMBuildCondBr(m->b, any_null(m, fn, f), bad, go);
	LLVMPositionBuilderAtEnd(m->b, go);
	LLVMValueRef rt = LLVMGetParam(fn, 0);
	copy_words(m, registers(m, rt), LLVMGetParam(fn, 1), f->params);
	LLVMValueRef args[] = {rt, LLVMConstInt(m->i32, func, false), start};
	const char *way = way_in(m, start, func);
	LLVMValueRef status = LLVMBuildCall2(m->b, start_type, declare(m, way, start_type), args, 3, "");
	LLVMBuildCondBr(m->b, LLVMBuildIsNull(m->b, status, ""), good, end);
	LLVMPositionBuilderAtEnd(m->b, good);
	copy_words(m, LLVMGetParam(fn, 2), registers(m, rt), f->results);
	LLVMBuildBr(m->b, end);
	LLVMPositionBuilderAtEnd(m->b, end);
	LLVMBuildRet(m->b, status);
	LLVMPositionBuilderAtEnd(m->b, bad);
	emit_refusal(m, fn, func);
}

vsp_status aot_emit_exports(aot_job *job)
{
	LLVMContextRef c = job->context;
	maker m = {job, LLVMCreateBuilderInContext(c), LLVMPointerTypeInContext(c, 0), LLVMInt32TypeInContext(c),
	        LLVMInt64TypeInContext(c), vsp_state_layout_of(c, job->layout).at[VSP_STATE_r]};
	vsp_status status = VSP_OK;
	for (uint32_t i = 0; i < job->data->func_count && status == VSP_OK; i++) {
		const char *symbol = aot_has_symbol(job, i) ? aot_symbol(job, vsp_module_func_name(job->data, i)) : "";
		if (!symbol)
			status = aot_fail_memory(job);
		else if (*symbol)
			emit_export(&m, symbol, i);
	}
	LLVMDisposeBuilder(m.b);
	return status;
}
