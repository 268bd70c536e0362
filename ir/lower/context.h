/*
 * What the handlers of the lowering share: the module being built, the function being built, and small inline emitters. Private to
 * ir/lower.
 *
 * Registers, flags and SP of an activation are SSA values in fn->slot; a handler reads and writes them by number and never
 * touches memory for them. Handlers may start new LLVM blocks and leave the builder at the end of the last one. Phis exist only at
 * blocks with several predecessors and only for live slots; vsp_lower_phis cleans them up.
 */
#ifndef VSP_LOWER_CONTEXT_H
#define VSP_LOWER_CONTEXT_H

#include "lower.h"
#include "state.h"

#include "ir/cfg.h"
#include "ir/live.h"
#include "ir/profile.h"

/* Numbers of what compiled code calls, in the order of compiled.def. */
typedef enum vsp_callee {
#define CALL(symbol, signature, class) VSP_CALLEE_##symbol,
#include "runtime/compiled.def"
	VSP_CALLEES
} vsp_callee;
#define VSP_CALLEE(symbol) VSP_CALLEE_##symbol

/* Slots: R0..RF, then in the order of the masks of ir/live.h Z N O, then SP. */
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
	vsp_profile *tally;         /* where code counts what it does, or null */
	vsp_state_layout state;
	LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ptr, none, bytes16, entry_type;
	LLVMValueRef callees[VSP_CALLEES]; /* declared on first use */
	LLVMTypeRef callee_types[VSP_CALLEES];
	LLVMValueRef unlikely; /* branch weights of a condition that is almost never true */
	unsigned self_kind;    /* attribute of the state's parameter of native forms; 0: none */
	bool fixed_frame;      /* the target has the address of the return address */
	bool probes;           /* code touches large frames page by page where it is asked to */
	unsigned prof_kind, tbaa_kind, invariant_kind;
	LLVMValueRef tbaa_memory, tbaa_state, empty_node; /* null where nothing optimises */
	uint8_t *included;                                /* per function: native form is defined in this module */
	LLVMValueRef *natives;                            /* per function: its native form, where declared */
	LLVMValueRef again;  /* what the native form being built calls for itself, or null: the form others call */
	bool copy;           /* that form is a copy, which is inlined */
	LLVMDIBuilderRef di; /* with options->debug */
	LLVMMetadataRef di_file, di_type;
	LLVMMetadataRef pcsection; /* with options->pcsections where the target has them, else null */
	unsigned pcsection_kind;
	uint32_t pc_entry_count;
	vsp_lower_outcome outcome;
	bool ordered_loads; /* the machine reads in program order */
	bool big_endian;
};

/* Traps that sites of a function share a cold block for, with a phi of the place. */
typedef struct exit_block {
	LLVMBasicBlockRef block;
	LLVMValueRef pc, value; /* phis or null; value: the effective address or status */
	uint32_t sites;
} exit_block;
enum { EXIT_ACCESS = VSP_TRAP_BAD_MODE + 1, EXIT_STATUS, EXIT_ENDED, EXITS }; /* below: numbers of plain traps */

/* One edge of the lowered graph. */
typedef struct vsp_edge {
	LLVMBasicBlockRef source;
	uint32_t from, to; /* node numbers */
} vsp_edge;

typedef struct vsp_phi {
	LLVMValueRef phi;
	uint32_t node, slot;
} vsp_phi;

/*
 * The function being built. Nodes are the blocks of the control flow graph and two more: the return switch that all RETs
 * within a CALL share, and the entry.
 */
typedef struct vsp_fn {
	vsp_lower *lower;
	LLVMBuilderRef b; /* lower->builder */
	const vsp_func *func;
	uint32_t index; /* of func */
	vsp_cfg cfg;
	vsp_live live;
	vsp_arena *arena;
	bool entry;                    /* entry point: at an instruction, else native */
	bool shown;                    /* all registers and flags are wanted at RET, not just the results */
	bool boxed;                    /* entry point: boxed */
	LLVMValueRef value;            /* the LLVM function */
	LLVMValueRef rt, regs, memory; /* regs: of entries; memory: base, when guarded */
	LLVMValueRef sp;               /* SP at the start */
	bool moves_sp;                 /* does any instruction change SP? */
	LLVMValueRef call_base;        /* pending CALLs below this activation's, when it has CALLs */
	LLVMValueRef scratch;          /* 16 words for helpers, made on first use */
	LLVMValueRef out;              /* 1 word for results of helpers, made on first use */
	LLVMBasicBlockRef first;       /* the LLVM entry block: allocas go to its start */
	LLVMBasicBlockRef *block;     /* per node: where its code begins; null: at the end of the only node before it */
	LLVMValueRef (*final)[SLOTS]; /* per node: slots at its end */
	LLVMValueRef slot[SLOTS];     /* current values; null: dead */
	bool no_vectors;              /* making vectors of straight lines would take too long */
	bool in_memory;               /* see homes.c; slots then have homes, and what the piece has loaded from them */
	LLVMValueRef home[SLOTS], loaded[SLOTS];
	exit_block exits[EXITS];
	vsp_edge *edges;
	uint32_t edge_count, edge_capacity;
	vsp_phi *phis;
	uint32_t phi_count, phi_capacity;
	uint32_t node;     /* being lowered */
	uint32_t live_out; /* live behind the current instruction */
	LLVMMetadataRef scope;
	uint32_t place;                  /* of what is being built */
	const vsp_func_profile *profile; /* counts known of it, or null */
	bool *cold;                      /* per block, with profile */
	vsp_func_profile *tally;         /* where it counts, or null */
	LLVMValueRef tallies;            /* with tally: its counters */
	bool failed;                     /* out of memory */
} vsp_fn;

static inline uint32_t node_switch(const vsp_fn *f) { return f->cfg.block_count; }
static inline uint32_t node_entry(const vsp_fn *f) { return f->cfg.block_count + 1; }
static inline uint32_t node_count(const vsp_fn *f) { return f->cfg.block_count + 2; }

/* One handler per form, named as in the table; a missing one is a compile error in dispatch.c. */
#define INSN(NAME, ...) void vsp_lower_##NAME(vsp_fn *f, const vsp_insn *i);
#include "ir/opcodes.def"
#define HANDLER(NAME) void vsp_lower_##NAME(vsp_fn *f, const vsp_insn *i)

/* ---- context.c ---- */

/* The function's declaration in this module. */
LLVMValueRef vsp_lower_callee(vsp_lower *l, vsp_callee which);
/* A call of something in compiled.def. */
LLVMValueRef vsp_lower_call(vsp_fn *f, vsp_callee which, LLVMValueRef *args, unsigned count);
/* Type of the native form of a signature. */
LLVMTypeRef vsp_lower_native_type(vsp_lower *l, unsigned params, unsigned results);
/* The native form of function func, declared on first use. */
LLVMValueRef vsp_lower_native_decl(vsp_lower *l, uint32_t func);
/* An attribute of a call. */
void vsp_lower_call_attribute(vsp_fn *f, LLVMValueRef call, const char *name);
/* A native form of func under another name. */
LLVMValueRef vsp_lower_native_add(vsp_lower *l, uint32_t func, const char *name);
/* Attributes of everything that is defined; C-callable functions excepted, calls use fastcc. */
void vsp_lower_function_attributes(vsp_lower *l, LLVMValueRef fn);
/* at: 0 the result, n parameter n from 1, or LLVMAttributeFunctionIndex. Names this LLVM does not know are left out. */
void vsp_lower_add_attribute(vsp_lower *l, LLVMValueRef fn, unsigned at, const char *name, uint64_t value);
/* An overloaded intrinsic on values of type (null: not overloaded). */
LLVMValueRef vsp_lower_intrinsic(vsp_fn *f, const char *name, LLVMTypeRef type, LLVMValueRef *args, unsigned count);
LLVMValueRef vsp_lower_intrinsic2(
        vsp_fn *f, const char *name, LLVMTypeRef *types, unsigned type_count, LLVMValueRef *args, unsigned count);

/* ---- function.c ---- */

/* Gives the LLVM function, whose prologue has the place pc, debug information where that is wanted; then the place of what is built from here on. */
void vsp_lower_set_scope(vsp_fn *f, uint32_t pc);
void vsp_lower_set_location(vsp_fn *f, uint32_t pc);

/* ---- ir/lower/pcsections.c: places of single instructions, with options->pcsections ---- */

/* False: the target has none. */
bool vsp_lower_open_pcsections(vsp_lower *l, const char *triple);
/* Give an access of linear memory and a call the current place, and return it; behind a call that returns, code goes on in a new LLVM block. */
LLVMValueRef vsp_lower_mark_access(vsp_fn *f, LLVMValueRef access);
LLVMValueRef vsp_lower_mark_call(vsp_fn *f, LLVMValueRef call, bool returns);

/* ---- ir/lower/exits.c: everything that ends the run ---- */

LLVMBasicBlockRef vsp_lower_block(vsp_fn *f, const char *name);
/* Traps with kind when condition holds; goes on in a new block. */
void vsp_lower_trap_if(vsp_fn *f, LLVMValueRef condition, vsp_trap kind, uint32_t pc);
/* Where to go from the LLVM block the builder is in, once, to trap. */
LLVMBasicBlockRef vsp_lower_trap_block(vsp_fn *f, vsp_trap kind, uint32_t pc);
/* Traps for an access at ea (i64) when condition holds. */
void vsp_lower_access_trap_if(vsp_fn *f, LLVMValueRef condition, LLVMValueRef ea, uint32_t pc);
/* Goes on when status (i32) is 0, else leaves with it. */
void vsp_lower_check(vsp_fn *f, LLVMValueRef status, uint32_t pc);
/* Goes on when status (i32), of something that runs program code and has noted how that ended, is 0; else returns. With options->status. */
void vsp_lower_check_ended(vsp_fn *f, LLVMValueRef status);
/* Calls what notes an end of the run - the one that leaves or the one that returns - and ends the LLVM block. */
void vsp_lower_end_run(vsp_fn *f, vsp_callee stop, vsp_callee end, LLVMValueRef *args, unsigned count);
#define END_RUN(f, name, args, count) \
	vsp_lower_end_run(f, VSP_CALLEE(vsp_rt_stop_##name), VSP_CALLEE(vsp_rt_end_##name), args, count)
/* Stores the registers of mask to regs, and flags and SP as the state shown. */
void vsp_lower_show(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Z N O as the low bits of the status register, a byte. */
LLVMValueRef vsp_lower_flags(vsp_fn *f);
/* Ends the shared blocks, when all sites are known. */
void vsp_lower_finish_exits(vsp_fn *f);

/* ---- memory.c ---- */

/* Address (ptr) of bytes at the exact linear address ea (i64), checked where memory is not guarded. */
LLVMValueRef vsp_lower_address(vsp_fn *f, LLVMValueRef ea, unsigned bytes, bool write, uint32_t pc);
LLVMValueRef vsp_lower_load(vsp_fn *f, LLVMTypeRef type, LLVMValueRef ea, unsigned bytes, uint32_t pc);
void vsp_lower_store(vsp_fn *f, LLVMValueRef value, LLVMValueRef ea, unsigned bytes, uint32_t pc);
/* A field of rt, by offset. */
LLVMValueRef vsp_lower_state_load(vsp_fn *f, LLVMTypeRef type, size_t offset, const char *name);
void vsp_lower_state_store(vsp_fn *f, LLVMValueRef value, size_t offset);
LLVMValueRef vsp_lower_state_ptr(vsp_fn *f, size_t offset);
LLVMValueRef vsp_lower_field_ptr(vsp_fn *f, LLVMValueRef base, size_t offset);
/* Marks an access of the runtime's state or of scratch, which linear memory never overlaps. */
LLVMValueRef vsp_lower_tag_state(vsp_fn *f, LLVMValueRef access);

/* ---- SP: rt->sp holds what it was at the start, but while something is called that may look at it ---- */

/* Reads SP in a prologue. */
void vsp_lower_open_sp(vsp_fn *f);
/* Before and after such a call. */
void vsp_lower_publish_sp(vsp_fn *f);
void vsp_lower_restore_sp(vsp_fn *f);

/* ---- registers in memory, for helpers that take regs ---- */

/* Scratch registers with those of mask stored. */
LLVMValueRef vsp_lower_spill(vsp_fn *f, uint32_t mask);
/* The same to regs. */
void vsp_lower_spill_to(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Sets the registers of mask from regs. */
void vsp_lower_reload(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Stores R0..R(count-1). */
void vsp_lower_store_registers(vsp_fn *f, LLVMValueRef regs, unsigned count);
/* A variable in the frame. */
LLVMValueRef vsp_lower_variable(vsp_fn *f, LLVMTypeRef type, const char *name);
LLVMValueRef vsp_lower_out(vsp_fn *f); /* the result word */
LLVMValueRef vsp_lower_out_value(vsp_fn *f, LLVMTypeRef type);

/* ---- control.c ---- */

/* Goes to a node, at the end of another: by a jump that ends the LLVM block, or by going on in it. */
void vsp_lower_jump(vsp_fn *f, uint32_t node);
/* The node of the block at pc. */
uint32_t vsp_lower_node_at(const vsp_fn *f, uint32_t pc);
/* Notes that the LLVM block the builder is in goes to node, once for each way; returns where its code begins. */
LLVMBasicBlockRef vsp_lower_edge(vsp_fn *f, uint32_t node);
/* The body of the return switch. */
void vsp_lower_return_switch(vsp_fn *f);

/* ---- calls.c ---- */

/* The native function's prologue: continues in tier 0 when the stack is nearly used up. */
void vsp_lower_stack_check(vsp_fn *f);
/* Does the function call others? */
bool vsp_lower_makes_calls(const vsp_fn *f);
/* Where code polls for interrupts: traps INTERRUPTED at pc when one waits. */
void vsp_lower_poll(vsp_fn *f, uint32_t pc);
/* Calls the native form of the function itself (the boxed one does), registers in and out. */
void vsp_lower_call_native(vsp_fn *f);
/* Returns from the native entry point. */
void vsp_lower_return_results(vsp_fn *f);

/* ---- hot.c ---- */

/* Counts an entry of the function, which starts at pc. */
void vsp_lower_count_entry(vsp_fn *f, uint32_t pc);
/* Counts an iteration of the loop whose head is at pc, where live is the mask of live slots. */
void vsp_lower_count_loop(vsp_fn *f, uint32_t pc, uint32_t live);

/* ---- profile.c ---- */

/* Finds the function's counts and counters once its graph is known. False: out of memory. */
bool vsp_lower_open_profile(vsp_fn *f);
/* In a prologue: makes counters reachable; entered: counts a call. */
void vsp_lower_tally_open(vsp_fn *f, bool entered);
/* Count what an instruction is about to do. */
void vsp_lower_tally_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef taken);
void vsp_lower_tally_table(vsp_fn *f, const vsp_insn *i);
void vsp_lower_tally_call(vsp_fn *f, const vsp_insn *i, LLVMValueRef func);
/* Tell LLVM what is known of it. */
void vsp_lower_weigh_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef branch);
void vsp_lower_weigh_table(vsp_fn *f, const vsp_insn *i, LLVMValueRef choice);
void vsp_lower_weigh_targets(
        vsp_fn *f, LLVMValueRef choice, const vsp_profile_callee *targets, unsigned n, uint64_t other);
void vsp_lower_weigh_call(vsp_fn *f, LLVMValueRef call);
void vsp_lower_weigh_function(vsp_fn *f);

/* ---- constants.c ---- */

/* The registers known to be constant at the start of a block, whatever way led there from the function's start. */
void vsp_lower_constants(vsp_fn *f, uint32_t block, uint64_t value[VSP_REGISTERS], uint16_t *known);

/* ---- homes.c: registers in memory between blocks ---- */

/* In a prologue: makes the homes. */
void vsp_lower_open_homes(vsp_fn *f);
/* At the start of a block where live is live, and of the return switch: loads what is read there. */
void vsp_lower_load_homes(vsp_fn *f, const vsp_block *b, uint32_t live);
void vsp_lower_load_no_homes(vsp_fn *f);
/* At the end of a node, whose edges are those from first_edge on: stores what has changed of live. */
void vsp_lower_store_homes(vsp_fn *f, uint32_t first_edge, uint32_t live);
/* Before instruction n of the block: begins a new piece, where the last one is long enough. */
void vsp_lower_cut(vsp_fn *f, const vsp_block *b, uint32_t n);

/* ---- phis.c ---- */

/* Removes phis that only repeat one value and gives the others the type their users want. */
void vsp_lower_phis(vsp_fn *f);

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

/* The registers that the function has values for, a mask: an entry leaves the others where it found them. */
static inline uint32_t vsp_lower_kept(const vsp_fn *f) { return (f->live.read | f->live.written) & 0xFFFF; }

/* Is any of the flags in mask (VSP_F_*) read later? */
static inline bool flag_live(const vsp_fn *f, unsigned mask) { return f->live_out & mask << 16; }

static inline LLVMValueRef zext64(vsp_fn *f, LLVMValueRef v) { return LLVMBuildZExt(f->b, v, f->lower->i64, ""); }
static inline LLVMValueRef sext64(vsp_fn *f, LLVMValueRef v) { return LLVMBuildSExt(f->b, v, f->lower->i64, ""); }

/* The low bits of v as type, seeing through the extension that made it. */
static inline LLVMValueRef low_bits(vsp_fn *f, LLVMValueRef v, LLVMTypeRef type)
{
	if ((LLVMIsAZExtInst(v) || LLVMIsASExtInst(v)) && LLVMTypeOf(LLVMGetOperand(v, 0)) == type)
		return LLVMGetOperand(v, 0);
	return LLVMBuildTrunc(f->b, v, type, "");
}

/* Views of a register. */
static inline LLVMValueRef reg_w(vsp_fn *f, unsigned r) { return low_bits(f, reg(f, r), f->lower->i32); }
static inline LLVMValueRef reg_b(vsp_fn *f, unsigned r) { return low_bits(f, reg(f, r), f->lower->i8); }

/* LLVM makes a load and its cast one load with the cast's location, by which guard faults are placed: that must be the load's. */
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

/* Offset of a field of rt, and loads: of a field, and of the memory's base and size. */
#define AT(f, field) ((f)->lower->state.at[VSP_STATE_##field])
#define STATE_FIELD(f, type, field) vsp_lower_state_load(f, (f)->lower->type, AT(f, field), #field)
static inline LLVMValueRef memory_base(vsp_fn *f)
{
	return vsp_lower_state_load(f, f->lower->ptr, AT(f, caller), "memory");
}
static inline LLVMValueRef memory_size(vsp_fn *f)
{
	return vsp_lower_state_load(f, f->lower->i64, AT(f, caller) + f->lower->state.memory_size, "memory_size");
}

#endif
