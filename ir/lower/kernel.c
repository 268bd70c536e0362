/*
 * The form of a kernel that devices start, see kernel.h. It is the native form of the kernel with a
 * prologue that makes the state of a work item, and an epilogue that writes the record of a trap.
 */
#include "kernel.h"
#include "context.h"

#include <string.h>

#include "budget.h"

/* LLVM's numbers of the calling conventions of entry points. */
static const unsigned conventions[VSP_DEVICE_FORMATS] = {[VSP_DEVICE_SPIRV] = 76, [VSP_DEVICE_PTX] = 71};

/* ---- what a kernel reaches ---- */

/*
 * The number of instructions of func with all that is inlined into it, by the sums of its callees
 * in size, where 0 is not known yet. At most the limit.
 */
static uint64_t inlined_size(vsp_lower *l, uint64_t *size, uint32_t func, unsigned depth)
{
	const vsp_module_data *m = l->data;
	uint64_t sum = 0;
	vsp_insn i;
	if (depth == VSP_LIMIT_DEVICE_DEPTH)
		return VSP_LIMIT_DEVICE_SIZE;
	if (size[func])
		return size[func];
	for (uint32_t pc = m->funcs[func].start, end = pc + m->funcs[func].size; pc < end; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		sum++;
		if (vsp_insn_info(&i)->effects & VSP_FX_CALL && sum < VSP_LIMIT_DEVICE_SIZE)
			sum += inlined_size(l, size, (uint32_t)i.imm, depth + 1);
	}
	size[func] = sum < VSP_LIMIT_DEVICE_SIZE ? sum : VSP_LIMIT_DEVICE_SIZE;
	return size[func];
}

static vsp_lower_reason lower_reached(vsp_lower *l, const uint64_t *size)
{
	vsp_lower_reason why = VSP_LOWER_OK;
	for (uint32_t f = 0; f < l->data->func_count; f++)
		if (size[f])
			vsp_lower_include(l, f);
	for (uint32_t f = 0; f < l->data->func_count && why == VSP_LOWER_OK; f++)
		if (size[f])
			why = vsp_lower_native(l, f, true);
	if (why == VSP_LOWER_OK && l->outcome.in_memory.count)
		why = VSP_LOWER_TOO_LARGE;
	return why;
}

/* Is a function of the C library called? */
static bool calls_library(const vsp_lower *l)
{
	static const vsp_callee all[] = {
#define FMATH1(form, function) VSP_CALLEE(vsp_rt_##form),
#define FMATH2(form, function) VSP_CALLEE(vsp_rt_##form),
#include "runtime/arith/fmath.def"
	};
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		if (l->callees[all[i]])
			return true;
	return false;
}

/* ---- the entry point ---- */

typedef struct entry {
	vsp_lower *l;
	LLVMBuilderRef b;
	LLVMValueRef value, rt, item;
	LLVMBasicBlockRef out;
} entry;

static LLVMValueRef parameter(const entry *e, enum vsp_kernel_parameter p) { return LLVMGetParam(e->value, p); }

static void declare(entry *e, enum vsp_device_format format, const char *name)
{
	LLVMTypeRef types[] = {
#define PARAMETER(name, pointer) (pointer) ? e->l->memory : e->l->i64,
	        VSP_KERNEL_PARAMETERS(PARAMETER)
#undef PARAMETER
	};
	LLVMTypeRef type = LLVMFunctionType(e->l->none, types, VSP_KERNEL_PARAMETER_COUNT, false);
	e->value = LLVMAddFunction(e->l->module, name, type);
	LLVMSetFunctionCallConv(e->value, conventions[format]);
	vsp_lower_add_attribute(e->l, e->value, (unsigned)LLVMAttributeFunctionIndex, "nounwind", 0);
}

static LLVMValueRef call(const entry *e, const char *name, LLVMTypeRef result, LLVMTypeRef param, LLVMValueRef arg)
{
	LLVMTypeRef type = LLVMFunctionType(result, &param, arg ? 1 : 0, false);
	LLVMValueRef fn = LLVMGetNamedFunction(e->l->module, name);
	return LLVMBuildCall2(e->b, type, fn ? fn : LLVMAddFunction(e->l->module, name, type), &arg, arg ? 1 : 0, "");
}

static LLVMValueRef special_register(const entry *e, const char *name)
{
	return LLVMBuildZExt(e->b, call(e, name, e->l->i32, e->l->i32, NULL), e->l->i64, "");
}

/* The number of the work item. */
static LLVMValueRef item_of(const entry *e, enum vsp_device_format format)
{
	if (format == VSP_DEVICE_SPIRV)
		return call(e, "_Z13get_global_idj", e->l->i64, e->l->i32, LLVMConstInt(e->l->i32, 0, false));
	LLVMValueRef group = special_register(e, "llvm.nvvm.read.ptx.sreg.ctaid.x"),
	             size = special_register(e, "llvm.nvvm.read.ptx.sreg.ntid.x"),
	             item = special_register(e, "llvm.nvvm.read.ptx.sreg.tid.x");
	return LLVMBuildAdd(e->b, LLVMBuildMul(e->b, group, size, ""), item, "");
}

/* Goes on only if the condition is false. */
static void leave_if(const entry *e, LLVMValueRef condition)
{
	LLVMBasicBlockRef go = LLVMAppendBasicBlockInContext(e->l->context, e->value, "");
	LLVMBuildCondBr(e->b, condition, e->out, go);
	LLVMPositionBuilderAtEnd(e->b, go);
}

static LLVMValueRef state_address(const entry *e, uint64_t offset)
{
	LLVMValueRef index = LLVMConstInt(e->l->i64, offset, false);
	return LLVMBuildInBoundsGEP2(e->b, e->l->i8, e->rt, &index, 1, "");
}

static void set_state(const entry *e, uint64_t offset, LLVMValueRef value)
{
	LLVMBuildStore(e->b, value, state_address(e, offset));
}

static void make_state(const entry *e)
{
	const vsp_state_layout *s = &e->l->state;
	set_state(e, s->at[VSP_STATE_caller], parameter(e, VSP_KERNEL_MEMORY));
	set_state(e, s->at[VSP_STATE_caller] + s->memory_size, parameter(e, VSP_KERNEL_SIZE));
	set_state(e, s->at[VSP_STATE_fuel], parameter(e, VSP_KERNEL_BUDGET));
	set_state(e, s->at[VSP_STATE_end], LLVMConstInt(e->l->i32, VSP_END_NONE, false));
	set_state(e, s->at[VSP_STATE_sp], LLVMConstInt(e->l->i32, 0, false)); /* kernels never use it */
}

static LLVMValueRef record_load(const entry *e)
{
	LLVMValueRef word = LLVMBuildLoad2(e->b, e->l->i64, parameter(e, VSP_KERNEL_RECORD), "");
	LLVMSetVolatile(word, true);
	LLVMSetAlignment(word, 8);
	return word;
}

static LLVMValueRef shifted(const entry *e, LLVMValueRef v, unsigned bits)
{
	return LLVMBuildShl(e->b, v, LLVMConstInt(e->l->i64, bits, false), "");
}

/* Whichever record is stored last stays: any one may be reported. */
static void write_record(const entry *e, LLVMValueRef kind)
{
	LLVMValueRef word = LLVMBuildZExt(e->b, kind, e->l->i64, "");
	word = LLVMBuildOr(e->b, word, shifted(e, e->item, VSP_KERNEL_KIND_BITS), "");
	LLVMValueRef operation =
	        shifted(e, parameter(e, VSP_KERNEL_OPERATION), VSP_KERNEL_KIND_BITS + VSP_KERNEL_ITEM_BITS);
	LLVMValueRef store =
	        LLVMBuildStore(e->b, LLVMBuildOr(e->b, word, operation, ""), parameter(e, VSP_KERNEL_RECORD));
	LLVMSetVolatile(store, true);
	LLVMSetAlignment(store, 8);
}

static void call_kernel(const entry *e, uint32_t func)
{
	LLVMValueRef index = LLVMBuildAdd(e->b, parameter(e, VSP_KERNEL_FIRST), e->item, "");
	LLVMValueRef args[] = {e->rt, index, parameter(e, VSP_KERNEL_ARGUMENT)};
	LLVMValueRef native = vsp_lower_native_decl(e->l, func);
	LLVMValueRef status = LLVMBuildCall2(e->b, vsp_lower_native_type(e->l, 2, 0), native, args, 3, "");
	LLVMSetInstructionCallConv(status, LLVMFastCallConv);
}

/* Begins an entry point: work items without an iteration, and those behind a trap, leave at
   once. */
static entry begin(vsp_lower *l, enum vsp_device_format format, const char *name)
{
	entry e = {.l = l, .b = l->builder};
	declare(&e, format, name);
	LLVMBasicBlockRef first = LLVMAppendBasicBlockInContext(l->context, e.value, "entry");
	e.out = LLVMAppendBasicBlockInContext(l->context, e.value, "out");
	LLVMPositionBuilderAtEnd(e.b, e.out);
	LLVMBuildRetVoid(e.b);
	LLVMPositionBuilderAtEnd(e.b, first);
	e.rt = LLVMBuildAlloca(e.b, LLVMArrayType2(l->i8, l->state.size), "rt");
	LLVMSetAlignment(e.rt, (unsigned)l->state.align);
	e.item = item_of(&e, format);
	leave_if(&e, LLVMBuildICmp(e.b, LLVMIntUGE, e.item, parameter(&e, VSP_KERNEL_COUNT), ""));
	leave_if(&e, LLVMBuildICmp(e.b, LLVMIntNE, record_load(&e), LLVMConstInt(l->i64, 0, false), ""));
	return e;
}

static void define(const entry *e, uint32_t func)
{
	make_state(e);
	call_kernel(e, func);
	LLVMValueRef end = LLVMBuildLoad2(e->b, e->l->i32, state_address(e, e->l->state.at[VSP_STATE_end]), "");
	leave_if(e, LLVMBuildICmp(e->b, LLVMIntEQ, end, LLVMConstInt(e->l->i32, VSP_END_NONE, false), ""));
	write_record(e, end);
	LLVMBuildBr(e->b, e->out);
}
static_assert(VSP_END_NONE == 0, "no kind of trap is 0");

vsp_lower_reason vsp_lower_kernel(vsp_lower *l, uint32_t func, enum vsp_device_format format, const char *name)
{
	vsp_arena arena = VSP_ARENA_INIT;
	uint64_t *size = vsp_arena_array(&arena, l->data->func_count, sizeof *size);
	vsp_lower_reason why = size ? VSP_LOWER_OK : VSP_LOWER_OUT_OF_MEMORY;
	if (size && inlined_size(l, size, func, 0) >= VSP_LIMIT_DEVICE_SIZE)
		why = VSP_LOWER_TOO_LARGE;
	if (why == VSP_LOWER_OK)
		why = lower_reached(l, size);
	vsp_arena_free(&arena);
	if (why == VSP_LOWER_OK && calls_library(l))
		why = VSP_LOWER_NOT_ON_DEVICES;
	if (why != VSP_LOWER_OK)
		return why;
	entry e = begin(l, format, name);
	define(&e, func);
	return VSP_LOWER_OK;
}

void vsp_lower_item_kernel(vsp_lower *l, enum vsp_device_format format, const char *name, const char *function)
{
	entry e = begin(l, format, name);
	LLVMTypeRef types[1 + VSP_KERNEL_PARAMETER_COUNT] = {l->i64};
	LLVMValueRef args[1 + VSP_KERNEL_PARAMETER_COUNT] = {e.item};
	for (unsigned i = 0; i < VSP_KERNEL_PARAMETER_COUNT; i++) {
		args[1 + i] = LLVMGetParam(e.value, i);
		types[1 + i] = LLVMTypeOf(args[1 + i]);
	}
	LLVMTypeRef type = LLVMFunctionType(l->none, types, 1 + VSP_KERNEL_PARAMETER_COUNT, false);
	LLVMBuildCall2(e.b, type, LLVMAddFunction(l->module, function, type), args, 1 + VSP_KERNEL_PARAMETER_COUNT, "");
	LLVMBuildBr(e.b, e.out);
}
