/*
 * The lowering: bytecode of verified modules into LLVM IR. One lowering serves every sink - tier 1, tier 2, on-stack replacement,
 * objects and kernels - which differ only in vsp_lower_options. docs/codegen.md explains the shape of the code.
 *
 * Emitted code names symbols and offsets, never host addresses: the run-time state is its first argument, and what it calls is in
 * runtime/compiled.def. Functions it defines are named by vsp_lower_name.
 *
 * One VSP function becomes up to four functions of LLVM, its entry points:
 *   native   {i64,i64,i64} f(ptr rt, i64 args...): how compiled functions call each other. Results beyond three are in rt->r; SP is in
 *            rt->sp at the call, and again at the return.
 *   boxed    i32 f(ptr rt, ptr regs, i32 flags, i32 base): arguments and results in regs; calls the native one.
 *   entry    the same type: the whole activation from the block at some pc on (its start, or a loop head), registers from regs, Z N O from
 *            flags, pending CALLs in rt->call_stack[base..rt->calls). At its RET all registers are in regs, flags and SP in rt.
 *   start    void f(ptr rt): a whole run of the function, params and then the state shown in rt->r, the end in rt. Internal; calls the entry.
 * Entry and boxed points return the address of the RET that ended the activation, VSP_NO_PC when unknown.
 *
 * With options->status nothing leaves over frames. Native forms are then i32 f(ptr rt, i64 args...) and return 0 with the results in
 * rt->r, or not 0 when the run has ended; entry and boxed points return VSP_RUN_ENDED in that case. Whoever calls one goes back at once.
 */
#ifndef VSP_LOWER_H
#define VSP_LOWER_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Target.h>

#include "ir/profile.h"
#include "options.h"

/* Why a function was not lowered: LOWER_REASON(NAME, "message") in reasons.def. */
typedef enum vsp_lower_reason {
	VSP_LOWER_OK,
#define LOWER_REASON(name, text) VSP_LOWER_##name,
#include "reasons.def"
	VSP_LOWER_REASONS
} vsp_lower_reason;
const char *vsp_lower_reason_text(vsp_lower_reason reason);

typedef struct vsp_lower vsp_lower;

/*
 * Starts an LLVM module. data and options are borrowed until vsp_lower_end or vsp_lower_destroy; triple and layout are the
 * target's. Null: out of memory.
 */
vsp_lower *vsp_lower_create(LLVMContextRef context, const vsp_module_data *data, const vsp_lower_options *options,
        const char *name, const char *triple, LLVMTargetDataRef layout);
/* Before anything is lowered: profile (ir/profile.h; may be null) holds counts for weights; with tally (may be null) code counts there what it does. */
void vsp_lower_use_profile(vsp_lower *lower, const vsp_profile *profile, vsp_profile *tally);
/* The module being lowered. */
const vsp_module_data *vsp_lower_data(const vsp_lower *lower);
/* Marks function func as one whose native form this module will define, so that calls to it are direct. Before any is defined. */
void vsp_lower_include(vsp_lower *lower, uint32_t func);
/* Defines the native form; internal ones exist only to be called or inlined from this module. */
vsp_lower_reason vsp_lower_native(vsp_lower *lower, uint32_t func, bool internal);
/* Defines the boxed form; the native one must be included. */
vsp_lower_reason vsp_lower_boxed(vsp_lower *lower, uint32_t func);
/* Defines the entry at pc, a block start of func. */
vsp_lower_reason vsp_lower_entry(vsp_lower *lower, uint32_t func, uint32_t pc);
/* Defines the start form, and returns it; the entry at func's start must be defined. */
LLVMValueRef vsp_lower_start(vsp_lower *lower, uint32_t func);
/* What became of large functions so far (limits.def). */
typedef struct vsp_lower_outcome {
	struct vsp_lower_large {
		uint32_t count, first, last; /* functions, and which they were */
	} in_memory, /* with their registers in memory between blocks, and with optimise kept from LLVM's passes */
	        plain; /* too much for LLVM's code generator too, or its passes must not see the loops: ahead of time nothing is optimised */
} vsp_lower_outcome;
vsp_lower_outcome vsp_lower_outcome_of(const vsp_lower *lower);
/* Entries made so far, with options->pcsections; 0 where the target has none, and the module has locations. */
uint32_t vsp_lower_pc_entry_count(const vsp_lower *lower);
/* The finished module, now the caller's; lower is freed. */
LLVMModuleRef vsp_lower_end(vsp_lower *lower);
/* Drops the module and lower; null is allowed. */
void vsp_lower_destroy(vsp_lower *lower);

/*
 * The pcsections section: 32-bit words, first one for each machine instruction with an entry, the distance from that word to the instruction; then the
 * entry's own two. One has the bits of VSP_PC_ENTRY_WORD, by which it is told from a distance, which is smaller; is it a call; has it a place; the code
 * address. The other is the entry's number: LLVM writes entries that are alike once, and who counts would miss some.
 * Instructions that prepare an access or a call may stand with it. The order is any.
 */
#define VSP_PCSECTION_NAME "vsp_pcs"
enum {
	VSP_PC_ENTRY_WORD = 1 << 30, /* and nothing above it */
	VSP_PC_ENTRY_CALL = 1 << 29,
	VSP_PC_ENTRY_PLACED = 1 << 24,
	VSP_PC_ENTRY_PLACE = VSP_PC_ENTRY_PLACED - 1
};

/* LLVM tells of frames above so many bytes (tiers/llvm/frames.h); all that check the machine's stack leave more than room for several smaller ones. */
enum { VSP_FRAME_TOLD = 16 << 10 };

enum { VSP_LOWER_NAME = 40 };
enum vsp_entry_point { VSP_POINT_NATIVE, VSP_POINT_BOXED, VSP_POINT_ENTRY, VSP_POINT_START };
/* The symbol of an entry point of func; pc is used for entries only. */
void vsp_lower_name(char out[VSP_LOWER_NAME], enum vsp_entry_point point, uint32_t func, uint32_t pc);
/* The other way round, for a name that may go on behind a point; *pc is set for entries only. False: it is no such symbol. */
bool vsp_lower_parse_name(const char *name, enum vsp_entry_point *point, uint32_t *func, uint32_t *pc);

#endif
