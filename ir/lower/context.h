/*
 * The context that the handlers of the lowering share: the module being built, the function being
 * built, and small inline emitters. Private to ir/lower.
 *
 * Registers, flags and SP of an activation are SSA values in fn->slot. A handler reads and writes
 * them by number and never accesses memory for them. Handlers may start new LLVM blocks, and leave
 * the builder at the end of the last one. Phis exist only in blocks with several predecessors and
 * only for live slots; vsp_lower_phis cleans them up.
 */
#ifndef VSP_LOWER_CONTEXT_H
#define VSP_LOWER_CONTEXT_H

#include "lower.h"
#include "state.h"

#include "ir/cfg.h"
#include "ir/live.h"
#include "ir/profile.h"

/* The numbers of the functions that compiled code calls, in the order of compiled.def. */
typedef enum vsp_callee {
#define CALL(symbol, signature, class) VSP_CALLEE_##symbol,
#include "runtime/compiled.def"
	VSP_CALLEES
} vsp_callee;
#define VSP_CALLEE(symbol) VSP_CALLEE_##symbol

/* Slots: R0..RF, then Z N O in the order of the masks of ir/live.h, then SP. */
enum { SLOT_Z = 16, SLOT_N, SLOT_O, SLOT_SP, SLOTS };
static_assert(1u << SLOT_Z == VSP_LIVE_Z && 1u << SLOT_N == VSP_LIVE_N && 1u << SLOT_O == VSP_LIVE_O,
        "slots are bits of liveness");
#define LIVE_SP (1u << SLOT_SP)

struct vsp_lower {
	LLVMContextRef context;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	const vsp_module_data *data;
	const vsp_lower_options *options;
	const vsp_profile *profile; /* counts for weights, or null */
	vsp_profile *tally;         /* where code counts what it executes, or null */
	vsp_state_layout state;
	LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ptr, none, bytes16, entry_type;
	LLVMTypeRef memory;                /* a pointer into linear memory */
	LLVMValueRef callees[VSP_CALLEES]; /* declared on first use */
	LLVMTypeRef callee_types[VSP_CALLEES];
	LLVMValueRef unlikely; /* branch weights of a condition that is almost never true */
	unsigned self_kind;    /* attribute of the state's parameter of native forms; 0: none */
	bool fixed_frame;      /* the target can give the address of the return address */
	bool probes;           /* code can touch large frames page by page */
	unsigned prof_kind, tbaa_kind, invariant_kind;
	LLVMValueRef tbaa_memory, tbaa_state, tbaa_globals, empty_node; /* null where nothing is optimised */
	uint8_t *included;     /* per function: its native form is defined in this module */
	LLVMValueRef *natives; /* per function: its native form, if declared */
	LLVMValueRef again;    /* called by the native form for a call of itself; null: the form others call */
	bool copy;             /* that native form is a copy, which is inlined */
	LLVMDIBuilderRef di;   /* with options->debug */
	LLVMMetadataRef di_file, di_type;
	LLVMMetadataRef pcsection; /* with options->pcsections, if the target supports them, otherwise null */
	unsigned pcsection_kind;
	uint32_t pc_entry_count;
	vsp_lower_outcome outcome;
	bool ordered_loads; /* the machine keeps loads in program order */
	bool big_endian;
	bool whole_accesses; /* an access of several bytes that faults reports its first bad one and changes nothing */
	bool pairs;          /* 64-bit integers take two registers */
	bool loses_nans;     /* LLVM's minimum and maximum may overlook a signalling NaN */
	bool exact_fma;      /* an instruction, or the C library's is exact; otherwise the runtime's is called */
};

/*
 * A cold block that the sites of a function share for one kind of trap, with a phi for the place.
 */
typedef struct exit_block {
	LLVMBasicBlockRef block;
	LLVMValueRef pc, value; /* phis or null; value: the effective address or status */
	uint32_t sites;
} exit_block;
enum { EXIT_ACCESS = VSP_TRAP_BAD_MODE + 1, EXIT_STATUS, EXIT_ENDED, EXITS }; /* the numbers below are plain traps */

/* One edge of the lowered graph. */
typedef struct vsp_edge {
	LLVMBasicBlockRef source;
	uint32_t from, to; /* node numbers */
} vsp_edge;

typedef struct vsp_phi {
	LLVMValueRef phi;
	uint32_t node, slot;
} vsp_phi;

/* Values of a function that stay the same throughout it (homes.c). */
enum { INVARIANTS = 6 };

/*
 * The function being built. Its nodes are the blocks of the control flow graph and two more: the
 * return switch, which all RETs within a CALL share, and the entry.
 */
typedef struct vsp_fn {
	vsp_lower *lower;
	LLVMBuilderRef b; /* lower->builder */
	const vsp_func *func;
	uint32_t index; /* of func */
	vsp_cfg cfg;
	vsp_live live;
	vsp_arena *arena;
	bool entry;                    /* an entry point at an instruction; otherwise native */
	bool shown;                    /* RET makes all registers and flags visible, not just the results */
	bool boxed;                    /* the entry point is the boxed one or the loop */
	LLVMBasicBlockRef next;        /* in the loop: where an iteration ends; otherwise null */
	LLVMValueRef *known;           /* in the loop: per instruction, what it loads, if that is known, or null */
	LLVMValueRef value;            /* the LLVM function */
	LLVMValueRef rt, regs, memory; /* regs: for entries; memory: the base, when guarded */
	LLVMValueRef sp;               /* SP at the start */
	bool moves_sp;                 /* does any instruction change SP? */
	LLVMValueRef call_base;        /* pending CALLs below those of this activation, if it has CALLs */
	LLVMValueRef scratch;          /* 16 words for helpers, created on first use */
	LLVMValueRef *locals;          /* per local slot: its variable, or null where no instruction names it */
	LLVMValueRef locals_array;     /* or all of them in one variable (slots.c); otherwise null */
	LLVMValueRef out;              /* 1 word for results of helpers, created on first use */
	LLVMBasicBlockRef first;       /* the LLVM entry block: allocas go to its start */
	LLVMBasicBlockRef *block;      /* per node: the start of its code; null: at the end of its only predecessor */
	LLVMValueRef (*final)[SLOTS];  /* per node: the slots at its end */
	LLVMValueRef slot[SLOTS];      /* the current values; null: dead */
	bool no_vectors;               /* vectorising straight-line code would take too long */
	bool in_memory;                /* see homes.c: slots have homes, and these are what the piece has loaded */
	LLVMBasicBlockRef before;      /* with in_memory: new blocks go before this one; null: to the end */
	LLVMValueRef home[SLOTS], loaded[SLOTS], invariant_home[INVARIANTS];
	exit_block exits[EXITS];
	vsp_edge *edges;
	uint32_t edge_count, edge_capacity;
	vsp_phi *phis;
	uint32_t phi_count, phi_capacity;
	uint32_t node;     /* the node being lowered */
	uint32_t live_out; /* slots live after the current instruction */
	LLVMMetadataRef scope;
	uint32_t place;                  /* of the code being built */
	const vsp_func_profile *profile; /* the function's known counts, or null */
	bool *cold;                      /* per block, if there is a profile */
	vsp_func_profile *tally;         /* where the function counts, or null */
	LLVMValueRef tallies;            /* with tally: the function's counters */
	bool failed;                     /* out of memory */
} vsp_fn;

static inline uint32_t node_switch(const vsp_fn *f) { return f->cfg.block_count; }
static inline uint32_t node_entry(const vsp_fn *f) { return f->cfg.block_count + 1; }
static inline uint32_t node_count(const vsp_fn *f) { return f->cfg.block_count + 2; }

/*
 * One handler per form, named as in the table; a missing handler is an error when dispatch.c is
 * linked.
 */
#define INSN(NAME, ...) void vsp_lower_##NAME(vsp_fn *f, const vsp_insn *i);
#include "ir/opcodes.def"
#define HANDLER(NAME) void vsp_lower_##NAME(vsp_fn *f, const vsp_insn *i)

/* The function's declaration in this module. */
LLVMValueRef vsp_lower_callee(vsp_lower *l, vsp_callee which);
/* Calls a function of compiled.def. */
LLVMValueRef vsp_lower_call(vsp_fn *f, vsp_callee which, LLVMValueRef *args, unsigned count);
/* The type of native forms with a signature. */
LLVMTypeRef vsp_lower_native_type(vsp_lower *l, unsigned params, unsigned results);
/* The native form of function func, declared on first use. */
LLVMValueRef vsp_lower_native_decl(vsp_lower *l, uint32_t func);
/* Adds an attribute to a call. */
void vsp_lower_call_attribute(vsp_fn *f, LLVMValueRef call, const char *name);
/* Adds a native form of func under another name. */
LLVMValueRef vsp_lower_native_add(vsp_lower *l, uint32_t func, const char *name);
/*
 * Adds the attributes of everything that is defined. Calls use fastcc, except to functions that C
 * can call.
 */
void vsp_lower_function_attributes(vsp_lower *l, LLVMValueRef fn);
/*
 * at: 0 is the result, n from 1 is parameter n, or LLVMAttributeFunctionIndex. Names that this LLVM
 * does not know are left out.
 */
void vsp_lower_add_attribute(vsp_lower *l, LLVMValueRef fn, unsigned at, const char *name, uint64_t value);
/* Calls an intrinsic, overloaded on values of type (null: not overloaded). */
LLVMValueRef vsp_lower_intrinsic(vsp_fn *f, const char *name, LLVMTypeRef type, LLVMValueRef *args, unsigned count);
LLVMValueRef vsp_lower_intrinsic2(
        vsp_fn *f, const char *name, LLVMTypeRef *types, unsigned type_count, LLVMValueRef *args, unsigned count);
/* A new LLVM block at the end of the function, or of the code of the node being lowered. */
LLVMBasicBlockRef vsp_lower_block(vsp_fn *f, const char *name);

/* ---- inline emitters ---- */

static inline LLVMValueRef const_i64(vsp_fn *f, uint64_t v) { return LLVMConstInt(f->lower->i64, v, false); }
static inline LLVMValueRef const_i32(vsp_fn *f, uint32_t v) { return LLVMConstInt(f->lower->i32, v, false); }
static inline LLVMValueRef const_i1(vsp_fn *f, bool v) { return LLVMConstInt(f->lower->i1, v, false); }

static inline LLVMTypeRef slot_type(vsp_lower *l, unsigned slot)
{
	return slot < SLOT_Z ? l->i64 : slot == SLOT_SP ? l->i32 : l->i1;
}

static inline LLVMValueRef slot_get(vsp_fn *f, unsigned slot)
{
	return f->slot[slot] ? f->slot[slot] : LLVMConstNull(slot_type(f->lower, slot));
}

static inline LLVMValueRef reg(vsp_fn *f, unsigned r) { return slot_get(f, r); }
static inline void set_reg(vsp_fn *f, unsigned r, LLVMValueRef v) { f->slot[r] = v; }

/*
 * The mask of registers for which the function has values; an entry leaves the others where they
 * are.
 */
static inline uint32_t vsp_lower_kept(const vsp_fn *f) { return (f->live.read | f->live.written) & 0xFFFF; }

/* Is any of the flags in mask (VSP_F_*) read later? */
static inline bool flag_live(const vsp_fn *f, unsigned mask) { return f->live_out & mask << 16; }

static inline LLVMValueRef zext64(vsp_fn *f, LLVMValueRef v) { return LLVMBuildZExt(f->b, v, f->lower->i64, ""); }
static inline LLVMValueRef sext64(vsp_fn *f, LLVMValueRef v) { return LLVMBuildSExt(f->b, v, f->lower->i64, ""); }

/* The low bits of v as type; if v was made by an extension from that type, its source. */
static inline LLVMValueRef low_bits(vsp_fn *f, LLVMValueRef v, LLVMTypeRef type)
{
	if ((LLVMIsAZExtInst(v) || LLVMIsASExtInst(v)) && LLVMTypeOf(LLVMGetOperand(v, 0)) == type)
		return LLVMGetOperand(v, 0);
	return LLVMBuildTrunc(f->b, v, type, "");
}

/* Views of a register as narrower types. */
static inline LLVMValueRef reg_w(vsp_fn *f, unsigned r) { return low_bits(f, reg(f, r), f->lower->i32); }
static inline LLVMValueRef reg_b(vsp_fn *f, unsigned r) { return low_bits(f, reg(f, r), f->lower->i8); }

/*
 * LLVM merges a load and its cast into one load with the location of the cast. Guard faults are
 * placed by that location, so it must be the load's.
 */
static inline LLVMValueRef as_type(vsp_fn *f, LLVMValueRef bits, LLVMTypeRef type)
{
	if (LLVMIsABitCastInst(bits) && LLVMTypeOf(LLVMGetOperand(bits, 0)) == type)
		return LLVMGetOperand(bits, 0);
	LLVMValueRef cast = LLVMBuildBitCast(f->b, bits, type, "");
	if (LLVMIsALoadInst(bits) && f->scope)
		LLVMInstructionSetDebugLoc(cast, LLVMInstructionGetDebugLoc(bits));
	return cast;
}
static inline LLVMValueRef reg_f(vsp_fn *f, unsigned r) { return as_type(f, reg(f, r), f->lower->f64); }
static inline LLVMValueRef reg_s(vsp_fn *f, unsigned r) { return as_type(f, reg_w(f, r), f->lower->f32); }

static inline void set_w(vsp_fn *f, unsigned r, LLVMValueRef v) { set_reg(f, r, sext64(f, v)); }
static inline void set_b(vsp_fn *f, unsigned r, LLVMValueRef v) { set_reg(f, r, zext64(f, v)); }
static inline void set_f(vsp_fn *f, unsigned r, LLVMValueRef v) { set_reg(f, r, as_type(f, v, f->lower->i64)); }
static inline void set_s(vsp_fn *f, unsigned r, LLVMValueRef v)
{
	set_reg(f, r, zext64(f, as_type(f, v, f->lower->i32)));
}

static inline LLVMValueRef icmp(vsp_fn *f, LLVMIntPredicate p, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildICmp(f->b, p, x, y, "");
}

static inline LLVMValueRef zero_of(LLVMValueRef v) { return LLVMConstNull(LLVMTypeOf(v)); }

#endif
