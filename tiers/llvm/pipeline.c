/*
 * The passes of tier 2, and of objects: those of clang -O2 in their order, less what finds nothing in lowered bytecode, which has hardly an alloca and no
 * global variables, and less four of eight rounds of instruction combining, which costs most. Functions are cleaned before
 * inlining, so that their sizes are seen right; without tail calls made loops fib is half as slow again. Straight lines are made vectors only where
 * there are floats: it is dear, and gains nothing for integers (docs/experiments.md).
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
#define SIMPLIFY_LATE "simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-arithmetic;switch-to-lookup;no-keep-loops;hoist-common-insts;sink-common-insts>"
#define SIMPLIFY_LAST "simplifycfg<switch-range-to-icmp;switch-to-arithmetic;switch-to-lookup;hoist-loads-stores-with-cond-faulting;speculate-unpredictables>"

/* Clean, then inline and simplify each function once its callees are done, with accesses that are volatile (kept_loads.h). */
#define PREPARE(INLINE) \
	"function<eager-inv>(early-cse<>," COMBINE "," SIMPLIFY_EARLY ")," \
	"cgscc(" INLINE "function-attrs,function<eager-inv;no-rerun>(" \
		"sroa<modify-cfg>,early-cse<memssa>,jump-threading,correlated-propagation," SIMPLIFY_EARLY "," COMBINE "," \
		"tailcallelim," SIMPLIFY_EARLY ",reassociate," \
		/* Loops: invariants out, heads to the end, so that counted ones are seen as such. */ \
		"loop-mssa(licm<no-allowspeculation>,loop-rotate<header-duplication>,licm<allowspeculation>,simple-loop-unswitch<no-nontrivial;trivial>)," \
		SIMPLIFY_EARLY ",loop(loop-idiom,indvars,loop-deletion,loop-unroll-full)," \
		"gvn,sccp,bdce,jump-threading,correlated-propagation,adce,dse," SIMPLIFY_COMMON "," COMBINE "))," \
	"globaldce"

/*
 * What accesses that are volatile no more allow, and what comes last in any case. Dead stores stay: what they store may be all that keeps a load, and its
 * trap. VECTORS: loops to vectors; STRAIGHT: what is done with straight lines; UNROLL: how eagerly loops are unrolled.
 */
#define OPTIMISE(VECTORS, STRAIGHT, UNROLL) \
	"function<eager-inv>(early-cse<memssa>,loop-mssa(licm<allowspeculation>),loop(loop-idiom),gvn," COMBINE "," SIMPLIFY_EARLY "," \
		"loop(loop-rotate<header-duplication>,loop-deletion)," VECTORS STRAIGHT "vector-combine," SIMPLIFY_LATE "," \
		/* Unrolling comes last but for what merges the copies. */ \
		"loop-unroll<" UNROLL ">," COMBINE ",loop-mssa(licm<allowspeculation>),loop-sink,instsimplify,div-rem-pairs,tailcallelim," SIMPLIFY_LAST ")"

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

/* Do the functions that were lowered compute floats? The runtime's, which are there to be inlined, do not count. */
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

/* Without and with floats. */
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
