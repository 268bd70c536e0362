/*
 * The macros in which handler bodies are written, except those that depend on the dispatch:
 * HANDLER, GO, LEAVE (loop_*.c). A handler has ip (the cell), F (the frame), mem (linear memory)
 * and x (the interpreter); each body ends in NEXT, JUMP, GO or LEAVE.
 */
#ifndef VSP_TIERS_HANDLERS_H
#define VSP_TIERS_HANDLERS_H

#include "access.h"
#include "exec.h"
#include "runtime/arith/arith.h"
#include "runtime/compiled.h"
#include "runtime/helpers.h"
#include "runtime/payloads.h"
#include "runtime/arith/mask.h"

/*
 * The parts of the list of handlers (VSP_PART). Those of pairs take about equally long to compile.
 */
#define VSP_PART_INTEGER 1    /* one instruction of integer arithmetic */
#define VSP_PART_ARITHMETIC 2 /* pairs that begin with arithmetic on registers */
#define VSP_PART_IMMEDIATES 4 /* with a constant, a move or a comparison */
#define VSP_PART_LOADS 8      /* with a load or a float operation */
#define VSP_PART_FLAGS 16     /* pairs that record flags, and ends of loops */
#define VSP_PART_OTHER 32     /* any other single instruction */
#define VSP_PART_SINGLE (VSP_PART_INTEGER | VSP_PART_OTHER)
#define VSP_PART_ALL 63

/* The handlers by number. */
enum vsp_handler {
#define HANDLER(NAME, ...) VSP_H_##NAME,
#include "handlers.def"
	VSP_HANDLERS
};
static_assert(VSP_HANDLERS < 65536, "handler numbers fit 16 bits");

#if defined(__GNUC__)
#define UNLIKELY(e) __builtin_expect(!!(e), 0)
#else
#define UNLIKELY(e) (e)
#endif

/* A register, by its byte offset in the frame. */
static inline uint64_t *frame_register(vsp_exec_frame *frame, unsigned offset)
{
	return (uint64_t *)(void *)((unsigned char *)frame + offset);
}

/*
 * Keeps the compiler from moving stores across an access that may fault, because the frame must be
 * exact then.
 */
static inline void barrier(void) { atomic_signal_fence(memory_order_seq_cst); }

#define GUARDED_ACCESS(type) \
	static inline uint64_t guarded_load_##type(vsp_exec *x, uintptr_t ip, const uint8_t *p) \
	{ \
		x->ip = ip; \
		barrier(); \
		uint64_t v = vsp_load_##type(p); \
		barrier(); \
		return v; \
	}
#define GUARDED_STORE(type) \
	static inline void guarded_store_##type(vsp_exec *x, uintptr_t ip, uint8_t *p, uint64_t v) \
	{ \
		x->ip = ip; \
		barrier(); \
		vsp_store_##type(p, v); \
		barrier(); \
	}
GUARDED_ACCESS(u8)
GUARDED_ACCESS(s8)
GUARDED_ACCESS(u16)
GUARDED_ACCESS(s16)
GUARDED_ACCESS(u32)
GUARDED_ACCESS(s32)
GUARDED_ACCESS(u64)
GUARDED_STORE(u8)
GUARDED_STORE(u16)
GUARDED_STORE(u32)
GUARDED_STORE(u64)

/*
 * Must an access of n bytes at ea be checked closely? A negative ea wraps to a huge offset, and n
 * is small.
 */
static inline bool out_of_bounds(const vsp_rt *rt, int64_t ea, unsigned n)
{
	uint64_t offset = (uint64_t)ea - VSP_NULL_ZONE, span = rt->caller.memory_size - VSP_NULL_ZONE;
	return offset >= span || span - offset < n || rt->ranges;
}

/* The offset at which checked handlers access memory: see runtime/arith/mask.h. */
#define MASKED(ea, n) vsp_mask_address(ea, n, x->rt->caller.memory_size)

/* The reason to leave the loop after a helper returned t, which is not 0. */
static inline vsp_left left_after(const vsp_exec *x, int t)
{
	return x->rt->end != VSP_END_NONE ? VSP_LEFT_ENDED : t == VSP_RT_EXIT ? VSP_LEFT_EXITED : VSP_LEFT_TRAPPED;
}

/* Pushes an activation of function f with n params; the caller checks the limit. */
static inline void frame_open(
        vsp_exec_frame *next, const vsp_exec_frame *frame, unsigned n, uint32_t f, const vsp_cell *ret)
{
	memset(next->r, 0, sizeof next->r);
	for (unsigned i = 0; i < n; i++)
		next->r[i] = frame->r[i];
	next->ret = ret;
	next->flag_state = 0;
	next->func = f;
}

/* May INVOKEI call function number index with this signature, parameters | results << 8? */
static inline bool indirect_fits(const vsp_exec *x, uint64_t index, uint32_t signature)
{
	if (UNLIKELY(index >= x->module->func_count))
		return false;
	const vsp_func *f = &x->module->funcs[index];
	return f->kind == VSP_KIND_FUNCTION && f->params == (signature & 0xFF) && f->results == signature >> 8;
}

#define R(offset) (*frame_register(F, offset))
#define A R(ip->a)
#define B R(ip->b)
#define C R(ip->c)
#define D R(ip->d)
/* RC, which LOOP counts down. */
#define LOOP_COUNTER (F->r[12])
#define SET_LOOP_COUNTER(n) (F->r[12] = (n))
#define IMM ((uint64_t)(int64_t)ip->imm)
#define EA_B(base, displacement) ((int64_t)(uint32_t)(base) + (displacement))
#define EA_X(base, index, size) ((int64_t)(uint32_t)((base) + (index) * (size)))
#define OPERAND(KIND, ...) \
	static_assert(VSP_LOOK_OF_##KIND <= (int)VSP_LOOK_INDEXED, "EA_OF knows the look of each kind");
#include "ir/operands.def"
static_assert(VSP_LOOK_BASE + 3 == VSP_LOOK_INDEXED, "EA_OF knows all four looks of addresses");
/*
 * The address of a memory operand of a kind (ir/operands.def); the choice is made at compile time.
 */
#define EA_OF(KIND) \
	(VSP_LOOK_OF_##KIND == (int)VSP_LOOK_BASE \
	                ? EA_B(B, VSP_UNSIGNED_OF_##KIND ? (int64_t)(uint32_t)ip->imm : ip->imm) \
	        : VSP_LOOK_OF_##KIND == (int)VSP_LOOK_SP      ? EA_B(x->rt->sp, ip->imm) \
	        : VSP_LOOK_OF_##KIND == (int)VSP_LOOK_INDEXED ? EA_X(B, C, VSP_SCALE_OF_##KIND) \
	                                                      : (int64_t)(uint32_t)ip->imm)

/* The address + slot of the running cell: the value of x->ip, and of flags that are kept. */
#define PLACE(s) ((uintptr_t)ip + (s))
#define CELL ip
#define AFTER (CELL + 1)
#define NEXT GO(AFTER)
#define SKIP(cells) GO(ip + (cells))
/* Continues behind the running cell and cells of data for it. */
#define NEXT_AFTER(data) SKIP(1 + (data))
/*
 * Branch offsets are in bytes, and those in slots in units of 8 bytes, so no scaling is left to do.
 */
#define JUMP(bytes) GO((const vsp_cell *)(const void *)((const char *)ip + (bytes)))
/* To entry n of the table of targets in the cells of data. */
#define JUMP_ENTRY(n) JUMP(ip[1 + (n)].imm)
#define JUMP_SLOT JUMP((ptrdiff_t)ip->slot[1].imm * 8)
#define JUMP_END JUMP(ip[1].imm)
/* Precedes everything that may leave the loop; nothing has been changed when it is reached. */
#define SAVE SAVE_SLOT(0)
#define SAVE_SLOT(s) (x->ip = PLACE(s))
#define RELOAD (mem = x->rt->caller.memory)
/* Leaves the loop if a helper's result t is not 0. SAVE must come first. */
#define TRY(call) \
	do { \
		int t = (call); \
		if (UNLIKELY(t)) \
			LEAVE(left_after(x, t)); \
	} while (0)
#define SLOW(call) \
	SAVE; \
	TRY(call); \
	RELOAD; \
	NEXT
/* The same for a helper from which the host may call back. */
#define SLOW_HOST(call) \
	vsp_exec_show_depth(x); \
	SLOW(call)
#define POLL POLL_SLOT(0)
#define POLL_SLOT(s) \
	do { \
		if (UNLIKELY(atomic_load_explicit(&x->stop, memory_order_relaxed)) && vsp_exec_stops(x)) { \
			SAVE_SLOT(s); \
			vsp_rt_fail(x->rt, VSP_TRAP_INTERRUPTED, NULL); \
			LEAVE(VSP_LEFT_TRAPPED); \
		} \
	} while (0)
#define SET_LAZY(s, y, z) (F->flag_b = (y), F->flag_c = (z), F->flag_state = PLACE(s))
/* The immediate is in the instruction, so it need not be recorded. */
#define SET_LAZY_IMM(s, y) (F->flag_b = (y), F->flag_state = PLACE(s))

/* The counters of the active function, and an increment of one of them. */
#define TALLIES (atomic_load_explicit(&x->tallies[F->func], memory_order_relaxed))
#define TALLY(index) vsp_count_add(&TALLIES[index])

#define GUARDED(type, ea, s) guarded_load_##type(x, PLACE(s), mem + (ea))
#define GUARD_STORE(type, ea, value, s) guarded_store_##type(x, PLACE(s), mem + (ea), value)
#define CHECK(ea, n, write) \
	do { \
		if (UNLIKELY(out_of_bounds(x->rt, ea, n))) { \
			SAVE; \
			TRY(vsp_exec_check(x, ea, n, write)); \
		} \
	} while (0)

/*
 * Continues at the cell that a slow path returned, or leaves if the run has ended there. The frame
 * may have changed.
 */
#define GO_OR_LEAVE(call) \
	do { \
		const vsp_cell *to = (call); \
		if (UNLIKELY(!to)) \
			LEAVE(x->left); \
		F = x->frame; \
		RELOAD; \
		GO(to); \
	} while (0)

#define ACTIVATE(params, f) ACTIVATE_SLOT(0, params, f)
#define ACTIVATE_SLOT(s, params, f) \
	vsp_exec_frame *next = F + 1; \
	if (UNLIKELY((uintptr_t)next >= atomic_load_explicit(&x->frame_limit, memory_order_relaxed))) { \
		SAVE_SLOT(s); \
		GO_OR_LEAVE(vsp_exec_grow(x, (params), (f))); \
	} \
	const uint32_t callee = (f); \
	frame_open(next, F, (params), callee, AFTER); \
	F = next; \
	x->frame = next; \
	GO(atomic_load_explicit(&x->entries[callee], memory_order_acquire))

/* Local slots, which the prologue has made as many as the function names. */
#define SLOT(n) F->slots[(uint32_t)(n)]

/* Ends the activation: copies results to the caller's frame, which is the one below. */
#define RETURN(results) RETURN_SLOT(0, results)
#define RETURN_SLOT(s, results) \
	x->ip = PLACE(s); \
	vsp_exec_frame *up = F - 1; \
	const unsigned n_results = (unsigned)(results); \
	for (unsigned i = 0; i < n_results; i++) \
		up->r[i] = F->r[i]; \
	const vsp_cell *to = F->ret; \
	F = up; \
	x->frame = up; \
	GO(to)

/* ---- instructions of pairs: s is the slot, v the value of the main operand ---- */

#define RA(s) R(ip->slot[s].a)
#define RB(s) R(ip->slot[s].b)
#define RC(s) R(ip->slot[s].c)
#define RI(s) ((uint64_t)(int64_t)ip->slot[s].imm)
#define OP_ADD(v, s) vsp_arith_add(v, RC(s))
#define OP_SUB(v, s) vsp_arith_sub(v, RC(s))
#define OP_MUL(v, s) vsp_arith_mul(v, RC(s))
#define OP_AND(v, s) vsp_arith_and(v, RC(s))
#define OP_OR(v, s) vsp_arith_or(v, RC(s))
#define OP_XOR(v, s) vsp_arith_xor(v, RC(s))
#define OP_SHL(v, s) vsp_arith_shl(v, RC(s))
#define OP_SHR(v, s) vsp_arith_shr(v, RC(s))
#define OP_ADD_W(v, s) vsp_arith_add_w(v, RC(s))
#define OP_ADD_F(v, s) vsp_arith_add_f(v, RC(s))
#define OP_SUB_F(v, s) vsp_arith_sub_f(v, RC(s))
#define OP_MUL_F(v, s) vsp_arith_mul_f(v, RC(s))
#define OP_ADDI_32(v, s) vsp_arith_add(v, RI(s))
#define OP_ANDI_32(v, s) vsp_arith_and(v, RI(s))
#define OP_XORI_32(v, s) vsp_arith_xor(v, RI(s))
#define OP_MULI_32(v, s) vsp_arith_mul(v, RI(s))
#define OP_SHLI(v, s) vsp_arith_shl(v, RI(s))
#define OP_SHRI(v, s) vsp_arith_shr(v, RI(s))
#define OP_ROTRI_W(v, s) vsp_arith_rotr_w(v, RI(s))
#define OP_SHRI_W(v, s) vsp_arith_shr_w(v, RI(s))
#define OP_MOV(v, s) (v)
#define OP_MOVI_32(v, s) RI(s)
#define OP_LDX_8U(v, s) GUARDED(u8, EA_X(RB(s), v, 1), s)
#define OP_LDX_32U(v, s) GUARDED(u32, EA_X(RB(s), v, 4), s)
#define OP_LDX_32S(v, s) GUARDED(s32, EA_X(RB(s), v, 4), s)
#define OP_LDX_64(v, s) GUARDED(u64, EA_X(RB(s), v, 8), s)
#define OP_LOAD(v, s) GUARDED(u64, EA_B(v, ip->slot[s].imm), s)
#define OP_LD8U(v, s) GUARDED(u8, EA_B(v, ip->slot[s].imm), s)
#define OP_LD32U(v, s) GUARDED(u32, EA_B(v, ip->slot[s].imm), s)
#define OP_LD32S(v, s) GUARDED(s32, EA_B(v, ip->slot[s].imm), s)
#define PUT_STX_8(v, s) GUARD_STORE(u8, EA_X(RB(s), RC(s), 1), v, s)
#define PUT_STX_32(v, s) GUARD_STORE(u32, EA_X(RB(s), RC(s), 4), v, s)
#define PUT_STX_64(v, s) GUARD_STORE(u64, EA_X(RB(s), RC(s), 8), v, s)
#define PUT_STORE(v, s) GUARD_STORE(u64, EA_B(RB(s), ip->slot[s].imm), v, s)
#define PUT_ST8(v, s) GUARD_STORE(u8, EA_B(RB(s), ip->slot[s].imm), v, s)
#define PUT_ST32(v, s) GUARD_STORE(u32, EA_B(RB(s), ip->slot[s].imm), v, s)
#define IF_BEQ(v) ((v) == RB(1))
#define IF_BNE(v) ((v) != RB(1))
#define IF_BLT(v) ((int64_t)(v) < (int64_t)RB(1))
#define IF_BGE(v) ((int64_t)(v) >= (int64_t)RB(1))
#define IF_BLTU(v) ((v) < RB(1))
#define IF_BGEU(v) ((v) >= RB(1))
#define IF_BZ(v) ((v) == 0)
#define IF_BNZ(v) ((v) != 0)
#define MAIN_ADD(s) RB(s)
#define MAIN_SUB(s) RB(s)
#define MAIN_MUL(s) RB(s)
#define MAIN_AND(s) RB(s)
#define MAIN_OR(s) RB(s)
#define MAIN_XOR(s) RB(s)
#define MAIN_SHL(s) RB(s)
#define MAIN_SHR(s) RB(s)
#define MAIN_ADD_W(s) RB(s)
#define MAIN_ADD_F(s) RB(s)
#define MAIN_SUB_F(s) RB(s)
#define MAIN_MUL_F(s) RB(s)
#define MAIN_ADDI_32(s) RB(s)
#define MAIN_ANDI_32(s) RB(s)
#define MAIN_XORI_32(s) RB(s)
#define MAIN_MULI_32(s) RB(s)
#define MAIN_SHLI(s) RB(s)
#define MAIN_SHRI(s) RB(s)
#define MAIN_ROTRI_W(s) RB(s)
#define MAIN_SHRI_W(s) RB(s)
#define MAIN_MOV(s) RB(s)
#define MAIN_MOVI_32(s) 0
#define MAIN_LDX_8U(s) RC(s)
#define MAIN_LDX_32U(s) RC(s)
#define MAIN_LDX_32S(s) RC(s)
#define MAIN_LDX_64(s) RC(s)
#define MAIN_LOAD(s) RB(s)
#define MAIN_LD8U(s) RB(s)
#define MAIN_LD32U(s) RB(s)
#define MAIN_LD32S(s) RB(s)
#define LAZY_ADD(s, y) SET_LAZY(s, y, RC(s))
#define LAZY_SUB(s, y) SET_LAZY(s, y, RC(s))
#define LAZY_AND(s, y) SET_LAZY(s, y, RC(s))
#define LAZY_ADDI_32(s, y) SET_LAZY_IMM(s, y)
#define LAZY_ANDI_32(s, y) SET_LAZY_IMM(s, y)
#define LAZY_SHRI(s, y) SET_LAZY_IMM(s, y)

#define IF_JMP(v) true
#define OP_MUL_B(v, s) vsp_arith_mul_b(v, RC(s))
#define OP_ADD_B(v, s) vsp_arith_add_b(v, RC(s))
#define MAIN_MUL_B(s) RB(s)
#define MAIN_ADD_B(s) RB(s)
#define OP_ZEXT32(v, s) vsp_arith_zext32(v)
#define OP_SEQ(v, s) vsp_arith_seq(v, RC(s))
#define OP_SLT_F(v, s) vsp_arith_slt_f(v, RC(s))
#define OP_SLE_F(v, s) vsp_arith_sle_f(v, RC(s))
/* The main operand of SEL is the condition, field d. */
#define OP_SEL(v, s) vsp_arith_sel(v, RB(s), RC(s))
#define OP_DIV_F(v, s) vsp_arith_div_f(v, RC(s))
#define OP_I2F(v, s) vsp_arith_i2f(v)
#define MAIN_ZEXT32(s) RB(s)
#define MAIN_SEQ(s) RB(s)
#define MAIN_SLT_F(s) RB(s)
#define MAIN_SLE_F(s) RB(s)
#define MAIN_SEL(s) R(ip->slot[s].d)
#define MAIN_DIV_F(s) RB(s)
#define MAIN_I2F(s) RB(s)
#define LAZY_MUL(s, y) SET_LAZY(s, y, RC(s))
#define LAZY_XOR(s, y) SET_LAZY(s, y, RC(s))
/* The branch of a loop end. Its operands are in the next cell, from which its offset counts. */
#define END_OTHER R(ip[1].slot[0].b)
#define IF_END_BLT(v) ((int64_t)(v) < (int64_t)END_OTHER)
#define IF_END_BLTU(v) ((v) < END_OTHER)
#define IF_END_BNE(v) ((v) != END_OTHER)
#define IF_END_BNZ(v) ((v) != 0)
#define POLL_END \
	do { \
		if (UNLIKELY(atomic_load_explicit(&x->stop, memory_order_relaxed)) && vsp_exec_stops(x)) { \
			x->ip = (uintptr_t)(ip + 1); \
			vsp_rt_fail(x->rt, VSP_TRAP_INTERRUPTED, NULL); \
			LEAVE(VSP_LEFT_TRAPPED); \
		} \
	} while (0)

#endif
