/*
 * The passes of tier 2 and of object files. They are the passes of clang -O2 in their order, with
 * two kinds left out: passes that find nothing in lowered bytecode, which has hardly any allocas
 * and no global variables, and four of the eight rounds of instruction combining, the most
 * expensive pass. Functions are cleaned before inlining, so that their sizes are seen correctly; if
 * tail calls are not turned into loops, fib takes half as long again. Straight-line code is
 * vectorised only if it contains floats: this is expensive, and gains nothing for integers
 * (docs/experiments.md).
 */
#include "floats.h"
#include "kept_loads.h"
#include "pipeline.h"

#include <llvm-c/Core.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdbool.h>
#include <stddef.h>

// clang-format off
#define COMBINE "instcombine<max-iterations=1;no-verify-fixpoint>"
#define SIMPLIFY_EARLY "simplifycfg<switch-range-to-icmp>"
#define SIMPLIFY_COMMON "simplifycfg<switch-range-to-icmp;hoist-common-insts;sink-common-insts>"
#define SIMPLIFY_LATE \
	"simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-arithmetic;switch-to-lookup;no-keep-loops;" \
	"hoist-common-insts;sink-common-insts>"
#define SIMPLIFY_LAST \
	"simplifycfg<switch-range-to-icmp;switch-to-arithmetic;switch-to-lookup;" \
	"hoist-loads-stores-with-cond-faulting;speculate-unpredictables>"

/*
 * Cleans functions, then inlines into each function and simplifies it once its callees are done,
 * while accesses are volatile (kept_loads.h).
 */
#define PREPARE(INLINE) \
	"function<eager-inv>(early-cse<>," COMBINE "," SIMPLIFY_EARLY ")," \
	"cgscc(" INLINE "function-attrs,function<eager-inv;no-rerun>(" \
		"sroa<modify-cfg>,early-cse<memssa>,jump-threading,correlated-propagation," SIMPLIFY_EARLY "," \
		COMBINE "," \
		"tailcallelim," SIMPLIFY_EARLY ",reassociate," \
		/* Loops: moves invariants out, and heads to the end, so that counted loops are recognised. */ \
		"loop-mssa(licm<no-allowspeculation>,loop-rotate<header-duplication>,licm<allowspeculation>," \
		"simple-loop-unswitch<no-nontrivial;trivial>)," \
		SIMPLIFY_EARLY ",loop(loop-idiom,indvars,loop-deletion,loop-unroll-full)," \
		"gvn,sccp,bdce,jump-threading,correlated-propagation,adce,dse," SIMPLIFY_COMMON "," COMBINE "))," \
	"globaldce"

/*
 * What becomes possible once accesses are no longer volatile, and what comes last in any case. Dead
 * stores stay, because the stored value may be the only thing that keeps a load and its trap.
 * VECTORS: the pass that vectorises loops; STRAIGHT: the pass for straight-line code; UNROLL: how
 * eagerly loops are unrolled.
 */
#define OPTIMISE(VECTORS, STRAIGHT, UNROLL) \
	"function<eager-inv>(early-cse<memssa>,loop-mssa(licm<allowspeculation>),loop(loop-idiom),gvn," \
		COMBINE "," SIMPLIFY_EARLY ",loop(loop-rotate<header-duplication>,loop-deletion)," \
		VECTORS STRAIGHT "vector-combine," SIMPLIFY_LATE "," \
		/* Unrolling comes last, except for the passes that merge the copies. */ \
		"loop-unroll<" UNROLL ">," COMBINE ",loop-mssa(licm<allowspeculation>),loop-sink,instsimplify," \
		"div-rem-pairs,tailcallelim," SIMPLIFY_LAST ")"

#define INLINE "inline,"
#define VECTORS "loop-vectorize,"
#define STRAIGHT "slp-vectorizer,"
// clang-format on

static bool computes_floats(LLVMValueRef fn)
{
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			if (vsp_llvm_has_float(i))
				return true;
	return false;
}

/*
 * Do the lowered functions compute floats? The functions of the runtime, which are there to be
 * inlined, do not count.
 */
static bool has_floats(LLVMModuleRef module)
{
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (LLVMGetLinkage(fn) != LLVMAvailableExternallyLinkage && computes_floats(fn))
			return true;
	return false;
}

static bool run_passes(LLVMModuleRef module, LLVMTargetMachineRef machine, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(module, passes, machine, options);
	LLVMDisposePassBuilderOptions(options);
	LLVMConsumeError(error);
	return !error;
}

static const char *const prepare[] = {
        [VSP_PIPELINE_1] = PREPARE(""), [VSP_PIPELINE_2] = PREPARE(INLINE), [VSP_PIPELINE_3] = PREPARE(INLINE)};

/* Each without and with floats. */
static const char *const optimise[][2] = {[VSP_PIPELINE_1] = {OPTIMISE("", "", "O1"), OPTIMISE("", "", "O1")},
        [VSP_PIPELINE_2] = {OPTIMISE(VECTORS, "", "O2"), OPTIMISE(VECTORS, STRAIGHT, "O2")},
        [VSP_PIPELINE_3] = {OPTIMISE(VECTORS, STRAIGHT, "O3"), OPTIMISE(VECTORS, STRAIGHT, "O3")}};

const char *vsp_pipeline_run(LLVMModuleRef module, LLVMTargetMachineRef machine, vsp_pipeline_level level, bool precise)
{
	vsp_loads loads = {0, NULL};
	bool ran = run_passes(module, machine, prepare[level]);
	if (ran && !precise)
		loads = vsp_loads_free(module);
	ran = ran && run_passes(module, machine, optimise[level][has_floats(module)]);
	vsp_loads_hold(module, &loads);
	return ran ? NULL : "LLVM's pass pipeline failed";
}
