/*
 * The lowering of batch instructions, of calls to the host and of SYSCALLs, which are calls of
 * helpers with a status. A helper that may call back into the program finds SP in rt->sp, where
 * nested activations start.
 */
#include "context.h"
#include "exits.h"
#include "fields.h"
#include "spill.h"

/*
 * Calls a helper that returns a status, with rt as its first argument, and goes on if the status is
 * 0.
 */
static void call(vsp_fn *f, const vsp_insn *i, vsp_callee callee, LLVMValueRef *args, unsigned count)
{
	args[0] = f->rt;
	vsp_lower_publish_sp(f);
	vsp_lower_check(f, vsp_lower_call(f, callee, args, count), i->pc);
	vsp_lower_restore_sp(f);
}

/* ---- batch instructions ---- */

HANDLER(GRADB)
{
	call(f, i, VSP_CALLEE(vsp_rt_gradb), (LLVMValueRef[]){0, reg(f, i->a), reg(f, i->b), reg(f, i->c)}, 4);
}
HANDLER(MEMCPY)
{
	call(f, i, VSP_CALLEE(vsp_rt_memcpy), (LLVMValueRef[]){0, reg(f, i->a), reg(f, i->b), reg(f, i->c)}, 4);
}
HANDLER(MEMSET)
{
	call(f, i, VSP_CALLEE(vsp_rt_memset), (LLVMValueRef[]){0, reg(f, i->a), reg(f, i->b), reg(f, i->c)}, 4);
}

static void call4(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	LLVMValueRef args[] = {0, reg(f, i->a), reg(f, i->b), reg(f, i->c), reg(f, i->d)};
	call(f, i, callee, args, 5);
}
HANDLER(DESCB) { call4(f, i, VSP_CALLEE(vsp_rt_descb)); }
HANDLER(INFER)
{
	call4(f, i, VSP_CALLEE(vsp_rt_infer));
	set_reg(f, i->a, const_i64(f, 0));
}

static LLVMValueRef selector(vsp_fn *f, const vsp_insn *i) { return const_i32(f, vsp_insn_info(i)->sel); }

static void map(vsp_fn *f, const vsp_insn *i)
{
	LLVMValueRef args[] = {0, selector(f, i), reg(f, i->a), reg(f, i->b), reg(f, i->c)};
	call(f, i, VSP_CALLEE(vsp_rt_vmap), args, 5);
}
HANDLER(VMAP_MUL) { map(f, i); }
HANDLER(VMAP_DIV) { map(f, i); }
HANDLER(VMAP_ADD) { map(f, i); }
HANDLER(VMAP_SUB) { map(f, i); }
HANDLER(VMAP_XORL) { map(f, i); }
HANDLER(VMAP_ANDL) { map(f, i); }
HANDLER(VMAP_ORL) { map(f, i); }
HANDLER(VMAP_COPY) { map(f, i); }
HANDLER(VMAP_CONJ) { map(f, i); }
HANDLER(VMAP_INV) { map(f, i); }

static void reduce(vsp_fn *f, const vsp_insn *i)
{
	LLVMValueRef args[] = {0, selector(f, i), reg(f, i->b), reg(f, i->c), vsp_lower_out(f)};
	call(f, i, VSP_CALLEE(vsp_rt_vred), args, 5);
	set_reg(f, i->a, vsp_lower_out_value(f, f->lower->i64));
}
HANDLER(VRED_MUL) { reduce(f, i); }
HANDLER(VRED_ADD) { reduce(f, i); }
HANDLER(VRED_XOR) { reduce(f, i); }

HANDLER(LAUNCH)
{
	LLVMValueRef args[] = {0, const_i32(f, (uint32_t)i->imm), reg(f, i->a), reg(f, i->b)};
	call(f, i, VSP_CALLEE(vsp_rt_launch), args, 4);
}

HANDLER(PIPE)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF);
	call(f, i, VSP_CALLEE(vsp_rt_pipe), (LLVMValueRef[]){0, regs, const_i32(f, (uint32_t)i->imm)}, 3);
	vsp_lower_reload(f, regs, 0xFFFF);
}

HANDLER(UNBATCH) { call(f, i, VSP_CALLEE(vsp_rt_unbatch), (LLVMValueRef[]){0}, 1); }
HANDLER(FENCE) { call(f, i, VSP_CALLEE(vsp_rt_fence), (LLVMValueRef[]){0}, 1); }
HANDLER(BATCH)
{
	vsp_lower_call(f, VSP_CALLEE(vsp_rt_batch), (LLVMValueRef[]){f->rt, const_i32(f, (uint32_t)i->imm)}, 2);
}

static void hint(vsp_fn *f, enum vsp_hint which)
{
	vsp_lower_call(f, VSP_CALLEE(vsp_rt_hint), (LLVMValueRef[]){f->rt, const_i32(f, which)}, 2);
}
#define HINT(NAME) \
	HANDLER(HINT_##NAME) \
	{ \
		(void)i; \
		hint(f, VSP_HINT_##NAME); \
	}
HINT(CPU)
HINT(GPU)
HINT(NPU)
HINT(ANY)
HINT(FPGA)
HINT(DSP)

/* ---- the host ---- */

HANDLER(YIELD) { call(f, i, VSP_CALLEE(vsp_rt_yield), (LLVMValueRef[]){0}, 1); }
HANDLER(SYNC) { call(f, i, VSP_CALLEE(vsp_rt_sync), (LLVMValueRef[]){0, const_i32(f, (uint32_t)i->imm)}, 2); }

HANDLER(IN)
{
	call(f, i, VSP_CALLEE(vsp_rt_in), (LLVMValueRef[]){0, const_i32(f, (uint32_t)i->imm), vsp_lower_out(f)}, 3);
	set_reg(f, i->a, vsp_lower_out_value(f, f->lower->i64));
}

HANDLER(OUT)
{
	call(f, i, VSP_CALLEE(vsp_rt_out), (LLVMValueRef[]){0, const_i32(f, (uint32_t)i->imm), reg(f, i->a)}, 3);
}

HANDLER(ACT) { call(f, i, VSP_CALLEE(vsp_rt_act), (LLVMValueRef[]){0, const_i32(f, i->a), reg(f, i->a)}, 3); }

/* Sets a flag from a byte that a helper wrote: set when it is not 0. */
static void set_flag_from(vsp_fn *f, unsigned slot, LLVMValueRef byte)
{
	f->slot[slot] = icmp(f, LLVMIntNE, byte, zero_of(byte));
}

HANDLER(SENSE)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0), z = vsp_lower_out(f);
	call(f, i, VSP_CALLEE(vsp_rt_sense), (LLVMValueRef[]){0, const_i32(f, i->a), regs, z}, 4);
	set_reg(f, i->a, vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, regs, "")));
	set_flag_from(f, SLOT_Z, vsp_lower_out_value(f, f->lower->i8));
}

HANDLER(BROADCAST)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF);
	call(f, i, VSP_CALLEE(vsp_rt_broadcast), (LLVMValueRef[]){0, regs, const_i32(f, (uint32_t)i->imm)}, 3);
}

HANDLER(RECEIVE)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF), z = vsp_lower_out(f);
	call(f, i, VSP_CALLEE(vsp_rt_receive), (LLVMValueRef[]){0, regs, const_i32(f, (uint32_t)i->imm), z}, 4);
	vsp_lower_reload(f, regs, 0xFFFF);
	set_flag_from(f, SLOT_Z, vsp_lower_out_value(f, f->lower->i8));
}

HANDLER(ENTANGLE)
{
	LLVMValueRef args[] = {0, const_i32(f, i->a), const_i32(f, i->b), reg(f, i->a), reg(f, i->b)};
	call(f, i, VSP_CALLEE(vsp_rt_entangle), args, 5);
}

HANDLER(HCALL)
{
	uint32_t reads, writes;
	vsp_insn_effects(f->lower->data, f->func, i, &reads, &writes);
	LLVMValueRef regs = vsp_lower_spill(f, reads);
	call(f, i, VSP_CALLEE(vsp_rt_hcall), (LLVMValueRef[]){0, const_i32(f, (uint32_t)i->imm), regs}, 3);
	vsp_lower_reload(f, regs, writes);
}

/* ---- SYSCALLs ---- */

enum {
#define SYSCALL(NAME, id, ...) SYSCALL_##NAME = (id),
#include "runtime/syscalls.def"
};

static void store_flags(vsp_fn *f, LLVMValueRef to)
{
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, vsp_lower_flags(f), to));
}

/* Loads the flags that a SYSCALL may change from the byte it left. */
static void load_flags(vsp_fn *f, LLVMValueRef from, unsigned mask)
{
	LLVMTypeRef i8 = f->lower->i8;
	LLVMValueRef byte = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, i8, from, ""));
	for (unsigned n = 0; n < 3; n++) {
		if (!(mask >> n & 1))
			continue;
		LLVMValueRef bit = LLVMBuildAnd(f->b, byte, LLVMConstInt(i8, 1u << n, false), "");
		set_flag_from(f, SLOT_Z + n, bit);
	}
}

static void exit_run(vsp_fn *f, const vsp_insn *i)
{
	LLVMValueRef regs = vsp_lower_state_ptr(f, AT(f, r));
	vsp_lower_show(f, regs, VSP_LIVE_ALL);
	LLVMValueRef flags = vsp_lower_state_ptr(f, AT(f, flags));
	LLVMValueRef args[] = {f->rt, regs, const_i32(f, (uint32_t)i->imm), flags}, func = const_i32(f, f->index);
	LLVMValueRef status = vsp_lower_call(f, VSP_CALLEE(vsp_rt_syscall), args, 4);
	LLVMValueRef ended[] = {f->rt, status, const_i32(f, i->pc), func};
	END_RUN(f, exit, ended, 4);
}

HANDLER(SYSCALL)
{
	uint32_t reads, writes;
	vsp_insn_effects(f->lower->data, f->func, i, &reads, &writes);
	const vsp_syscall_info *info = vsp_syscall_find(i->imm);
	if (info->id == SYSCALL_EXIT) {
		exit_run(f, i);
		return;
	}
	LLVMValueRef regs = vsp_lower_spill(f, reads), flags = vsp_lower_out(f);
	store_flags(f, flags);
	call(f, i, VSP_CALLEE(vsp_rt_syscall), (LLVMValueRef[]){0, regs, const_i32(f, (uint32_t)i->imm), flags}, 4);
	vsp_lower_reload(f, regs, writes);
	load_flags(f, flags, info->flags);
}
