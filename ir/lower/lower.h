/*
 * The lowering from the bytecode of verified modules to LLVM IR. One lowering serves every sink:
 * tier 1, tier 2, on-stack replacement, objects and kernels, which differ only in
 * vsp_lower_options. docs/codegen.md explains the structure of the code.
 *
 * Emitted code names symbols and offsets, never host addresses: the run-time state is its first
 * argument, and the functions that it calls are in runtime/compiled.def. The functions that it
 * defines are named by vsp_lower_name.
 *
 * One VSP function becomes up to five LLVM functions, its entry points:
 *   native   {i64,i64,i64} f(ptr rt, i64 args...): how compiled functions call each other. Results
 *            beyond three are in rt->r; SP is in rt->sp at the call, and again at the return.
 *   boxed    i32 f(ptr rt, ptr regs, i32 flags, i32 base): arguments and results in regs; calls
 *            the native form.
 *   entry    the same type: the rest of an activation from the block at some pc (the function's
 *            start, or a loop head). Registers come from regs, Z N O from flags, pending CALLs
 *            from rt->call_stack[base..rt->calls). At its RET all registers are in regs, flags
 *            and SP in rt.
 *   start    void f(ptr rt): a whole run of the function. Parameters and later the state shown
 *            are in rt->r, the end of the run is in rt. Internal; calls the entry form.
 *   loop     the type of entries, for kernels: iterations regs[0] to regs[1] - 1 of a LAUNCH, of
 *            which there is at least one, with R1 = regs[2]. It polls nothing between iterations,
 *            and reads what the kernel always reads of the argument block once.
 * Entry, boxed and loop forms return the address of the RET that ended the activation, or VSP_NO_PC
 * when it is unknown.
 *
 * With options->status the run never ends by leaving frames. Native forms are then
 * i32 f(ptr rt, i64 args...) and return 0 with the results in rt->r, or not 0 when the run has
 * ended; the others return VSP_RUN_ENDED in that case. Their callers return at once.
 */
#ifndef VSP_LOWER_H
#define VSP_LOWER_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Target.h>

#include "ir/profile.h"
#include "options.h"

/* The reasons why a function was not lowered: LOWER_REASON(NAME, "message") in reasons.def. */
typedef enum vsp_lower_reason {
	VSP_LOWER_OK,
#define LOWER_REASON(name, text) VSP_LOWER_##name,
#include "reasons.def"
	VSP_LOWER_REASONS
} vsp_lower_reason;
const char *vsp_lower_reason_text(vsp_lower_reason reason);

typedef struct vsp_lower vsp_lower;

/*
 * Starts an LLVM module. data and options are borrowed until vsp_lower_end or vsp_lower_destroy;
 * triple and layout are the target's. Null: out of memory.
 */
vsp_lower *vsp_lower_create(LLVMContextRef context, const vsp_module_data *data, const vsp_lower_options *options,
        const char *name, const char *triple, LLVMTargetDataRef layout);
/*
 * To be called before anything is lowered. profile (ir/profile.h; may be null) holds counts for
 * branch weights. If tally is not null, code counts there what it executes.
 */
void vsp_lower_use_profile(vsp_lower *lower, const vsp_profile *profile, vsp_profile *tally);
/* The module being lowered. */
const vsp_module_data *vsp_lower_data(const vsp_lower *lower);
/*
 * Says that this module will define the native form of function func, so that calls to it are
 * direct. To be called before any function is defined.
 */
void vsp_lower_include(vsp_lower *lower, uint32_t func);
/* Defines the native form; an internal one exists only to be called or inlined from this module. */
vsp_lower_reason vsp_lower_native(vsp_lower *lower, uint32_t func, bool internal);
/* Defines the boxed form; the native form must be included. */
vsp_lower_reason vsp_lower_boxed(vsp_lower *lower, uint32_t func);
/* Defines the entry at pc, a block start of func. */
vsp_lower_reason vsp_lower_entry(vsp_lower *lower, uint32_t func, uint32_t pc);
/* Defines the loop form of kernel func. All that it calls must be included. */
vsp_lower_reason vsp_lower_loop(vsp_lower *lower, uint32_t func);
/* Defines the start form, and returns it; the entry at func's start must be defined. */
LLVMValueRef vsp_lower_start(vsp_lower *lower, uint32_t func);
/* How large functions have been treated so far (limits.def). */
typedef struct vsp_lower_outcome {
	struct vsp_lower_large {
		uint32_t count, first, last; /* number of functions, and the first and last of them */
	} in_memory, /* registers in memory between blocks; with optimise also kept from LLVM's passes */
	        /*
	         * Too large for LLVM's code generator too, or with loops that its passes must not
	         * see: ahead of time nothing is optimised.
	         */
	        plain;
} vsp_lower_outcome;
vsp_lower_outcome vsp_lower_outcome_of(const vsp_lower *lower);
/*
 * The number of entries made so far, with options->pcsections. 0 if the target does not support
 * them and the module has locations instead.
 */
uint32_t vsp_lower_pc_entry_count(const vsp_lower *lower);
/* Returns the finished module, which the caller then owns; lower is freed. */
LLVMModuleRef vsp_lower_end(vsp_lower *lower);
/* Frees the module and lower, which may be null. */
void vsp_lower_destroy(vsp_lower *lower);

/*
 * The pcsections section consists of 32-bit words. For each machine instruction with an entry there
 * is first the distance from this word to the instruction, then the two words of the entry. The
 * first of these has the bit VSP_PC_ENTRY_WORD, which tells it from a distance, which is smaller;
 * then whether it is a call, whether it has a place, and the code address. The second is the number
 * of the entry: LLVM writes equal entries only once, so without numbers a reader who counts would
 * miss some. Instructions that prepare an access or a call may have the same entry. The order is
 * arbitrary.
 */
#define VSP_PCSECTION_NAME "vsp_pcs"
enum {
	VSP_PC_ENTRY_WORD = 1 << 30, /* no bit above it is used */
	VSP_PC_ENTRY_CALL = 1 << 29,
	VSP_PC_ENTRY_PLACED = 1 << 24,
	VSP_PC_ENTRY_PLACE = VSP_PC_ENTRY_PLACED - 1
};

/*
 * LLVM reports frames above this many bytes (tiers/llvm/frames.h). All checks of the machine's
 * stack leave more than enough room for several smaller frames.
 */
enum { VSP_FRAME_TOLD = 16 << 10 };

enum { VSP_LOWER_NAME = 40 };
enum vsp_entry_point { VSP_POINT_NATIVE, VSP_POINT_BOXED, VSP_POINT_ENTRY, VSP_POINT_START, VSP_POINT_LOOP };
/* The symbol of an entry point of func; pc is used only for entries. */
void vsp_lower_name(char out[VSP_LOWER_NAME], enum vsp_entry_point point, uint32_t func, uint32_t pc);
/*
 * The reverse, for a name that may continue after a dot; *pc is set only for entries. False: it is
 * no such symbol.
 */
bool vsp_lower_parse_name(const char *name, enum vsp_entry_point *point, uint32_t *func, uint32_t *pc);

#endif
