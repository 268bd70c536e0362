/*
 * The target machines, see machines.h. Tier 1 is LLVM's -O0: fast instruction selection and no
 * passes, but with registers allocated over the whole function. LLVM's fast allocator keeps nothing
 * in registers from one block to the next, and the blocks here are short; the greedy allocator
 * makes code that is two to four times as fast for a sixth more compile time (docs/experiments.md).
 * At -O0 LLVM offers it only by a command-line option.
 */
#include "machines.h"

#include <llvm-c/Core.h>
#include <llvm-c/Support.h>
#include <stddef.h>
#include <string.h>

#include "runtime/platform/platform.h"

/* Written once, before anything reads it, and never freed. */
static struct {
	LLVMTargetRef target;
	char *triple, *cpu, *features;
	const char *failed;
} host;

/*
 * Options of LLVM, for all tiers. arch: a part of the triples of the machines that have the option.
 */
static const struct option {
	const char *arch, *text;
} options[] = {
        {"", "-optimize-regalloc"},
        /*
         * Keeps a unit's code in one section, including code that never returns: places and unwind
         * tables count from the section's start.
         */
        {"", "-profile-guided-section-prefix=false"},
        /* There are no variables to follow through registers. */
        {"", "-experimental-debug-variable-locations=false"},
        /*
         * On x86 the tile registers of matrices would be allocated in a pass of their own, before
         * all others. There are no matrices.
         */
        {"x86_64", "-x86-tile-ra=false"},
        /*
         * The size up to which loops may grow by unrolling. LLVM's own limit is the size of a
         * processor's cache for decoded instructions, and every later pass pays for the copies.
         */
        {"", "-unroll-partial-threshold=80"},
};

static void set_options(const char *triple)
{
	const char *words[1 + sizeof options / sizeof options[0]] = {"vsp"};
	int count = 1;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strstr(triple, options[i].arch))
			words[count++] = options[i].text;
	LLVMParseCommandLineOptions(count, words, "");
}

static void prepare(void)
{
	char *message = NULL;
	if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter()) {
		host.failed = "LLVM has no code generator for this machine";
		return;
	}
	host.triple = LLVMGetDefaultTargetTriple();
	set_options(host.triple);
	host.cpu = LLVMGetHostCPUName();
	host.features = LLVMGetHostCPUFeatures();
	if (LLVMGetTargetFromTriple(host.triple, &host.target, &message)) {
		LLVMDisposeMessage(message);
		host.failed = "LLVM does not know this machine";
	}
}

const char *vsp_machines_prepare(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, prepare);
	return host.failed;
}

/*
 * Selects instructions by the fast selector. LLVM's default at -O0 on AArch64, global instruction
 * selection, is slower; besides, its selector stays with the machine and remembers a location of
 * the last module, whose context is gone when the next module comes.
 */
static void select_fast(LLVMTargetMachineRef machine)
{
	LLVMSetTargetMachineGlobalISel(machine, false);
	LLVMSetTargetMachineFastISel(machine, true);
}

LLVMTargetMachineRef vsp_machine_create(int tier)
{
	static const LLVMCodeGenOptLevel levels[] = {
	        LLVMCodeGenLevelNone, LLVMCodeGenLevelNone, LLVMCodeGenLevelDefault};
	LLVMTargetMachineRef machine = LLVMCreateTargetMachine(host.target, host.triple, tier ? host.cpu : "",
	        tier ? host.features : "", levels[tier], LLVMRelocPIC, LLVMCodeModelSmall);
	if (machine && tier == 1)
		select_fast(machine);
	return machine;
}
