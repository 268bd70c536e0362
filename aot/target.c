/*
 * The machine to compile for: triple and processor.
 */
#include "job.h"

#include <string.h>

#include "runtime/base/error.h"

/* The triple as LLVM has it; Apple's linkers want to know the least version of the system. LLVM's
   to free. */
static char *normalise(aot_job *job, const char *given)
{
	size_t place;
	char *triple = LLVMNormalizeTargetTriple(given);
	const char *version = aot_triple_version(triple, &place);
	const char *whole = *version ? aot_format(job, "%.*s%s%s", (int)place, triple, version, triple + place) : NULL;
	if (!whole)
		return triple;
	LLVMDisposeMessage(triple);
	return LLVMCreateMessage(whole);
}

/* This machine's own triple, whatever vendor the requested one names. */
static void set_triple(aot_job *job)
{
	char *host = LLVMGetDefaultTargetTriple();
	const char *usual = job->options.kind == AOT_WASM ? "wasm32-wasi" : host;
	job->triple = normalise(job, job->options.target ? job->options.target : usual);
	job->native = aot_triple_same(job->triple, host);
	if (job->native) {
		LLVMDisposeMessage(job->triple);
		job->triple = host;
	} else {
		LLVMDisposeMessage(host);
	}
	job->known = aot_triple_read(job->triple);
}

/* WebAssembly has no guard pages, no signals and no jumps over frames. It has one kind of linked
   output. */
static vsp_status adapt_options(aot_job *job)
{
	aot_options *o = &job->options;
	bool linked = o->kind == AOT_SHARED || o->kind == AOT_EXECUTABLE;
	if (o->kind == AOT_WASM && !(job->known.holds & AOT_WASI))
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'.wasm' is made for wasm32-wasi, which needs no '--target', and not for '%s'", job->triple);
	if (job->known.wasm && linked)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "for '%s' there are no shared objects and no executables; '-o %s.wasm' makes a module that is "
		        "both",
		        job->triple, job->path);
	if (o->kind == AOT_WASM && *o->prefix)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'--aot-prefix' is for programs that share a link, and each '.wasm' is a link of its own");
	if (job->known.wasm)
		o->no_signals = o->status = true;
	return VSP_OK;
}

static vsp_status find_target(aot_job *job, LLVMTargetRef *target)
{
	char *message = NULL;
	LLVMInitializeAllTargetInfos();
	LLVMInitializeAllTargets();
	LLVMInitializeAllTargetMCs();
	LLVMInitializeAllAsmPrinters();
	LLVMInitializeAllAsmParsers(); /* the runtime has inline assembly */
	set_triple(job);
	if (!LLVMGetTargetFromTriple(job->triple, target, &message))
		return adapt_options(job);
	LLVMDisposeMessage(message);
	return vsp_error_set(job->error, VSP_E_ARGUMENT,
	        "LLVM knows no target '%s'; 'llc --version' lists the architectures, and a triple is such as "
	        "aarch64-linux-gnu",
	        job->options.target);
}

/* Features separated by commas; either may be "". Null: out of memory. */
static const char *join(aot_job *job, const char *a, const char *b)
{
	return aot_format(job, "%s%s%s", a, *a && *b ? "," : "", b);
}

static LLVMTargetMachineRef make_machine(aot_job *job, LLVMTargetRef target, const char *cpu, const char *features)
{
	static const LLVMCodeGenOptLevel levels[] = {
	        LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault, LLVMCodeGenLevelAggressive};
	LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
	LLVMTargetMachineOptionsSetCPU(options, cpu);
	LLVMTargetMachineOptionsSetFeatures(options, features);
	LLVMTargetMachineOptionsSetABI(options, job->known.abi);
	LLVMTargetMachineOptionsSetCodeGenOptLevel(options, levels[job->options.level]);
	LLVMTargetMachineOptionsSetRelocMode(options, job->known.wasm ? LLVMRelocStatic : LLVMRelocPIC);
	LLVMTargetMachineRef machine = LLVMCreateTargetMachineWithOptions(target, job->triple, options);
	LLVMDisposeTargetMachineOptions(options);
	return machine;
}

/* Without --mcpu: the baseline of the target. LLVM's own choice for x86-64 is tuned for
   processors of the nineties, which unrolls no loops. */
static const char *plain_processor(const aot_job *job)
{
	return strncmp(job->triple, "x86_64", strlen("x86_64")) == 0 ? "x86-64" : "";
}

static LLVMTargetMachineRef create_machine(aot_job *job, LLVMTargetRef target)
{
	bool this_one = strcmp(job->options.cpu, "native") == 0;
	const char *named = *job->options.cpu ? job->options.cpu : plain_processor(job);
	char *cpu = this_one ? LLVMGetHostCPUName() : NULL, *features = this_one ? LLVMGetHostCPUFeatures() : NULL;
	const char *all = join(job, features ? features : job->known.features, job->options.attributes);
	LLVMTargetMachineRef machine = all ? make_machine(job, target, cpu ? cpu : named, all) : NULL;
	LLVMDisposeMessage(cpu);
	LLVMDisposeMessage(features);
	return machine;
}

/* The processor's features beyond those of the target without --mcpu and --mattr. */
static vsp_status list_features(aot_job *job, LLVMTargetRef target)
{
	job->features = "";
	if (!*job->options.cpu && !*job->options.attributes)
		return VSP_OK;
	LLVMTargetMachineRef plain = make_machine(job, target, plain_processor(job), job->known.features);
	if (!plain)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM cannot compile for '%s'", job->triple);
	vsp_status status = aot_find_features(job, plain);
	LLVMDisposeTargetMachine(plain);
	return status;
}

vsp_status aot_leave_plain(aot_job *job)
{
	LLVMTargetRef target = LLVMGetTargetMachineTarget(job->machine);
	LLVMDisposeTargetMachine(job->machine);
	job->options.level = 0;
	job->machine = create_machine(job, target);
	return job->machine ? VSP_OK
	                    : vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM cannot compile for '%s'", job->triple);
}

/* Guard pages would take all of an address space of 32 bits. */
static vsp_status choose_bounds(aot_job *job, unsigned pointer_size)
{
	if (pointer_size > 4 && !job->known.no_guards)
		return VSP_OK;
	if (job->options.guard_pages)
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "there are no guard pages on '%s'; without '--bounds=guard' accesses are checked by code there",
		        job->triple);
	job->options.explicit_bounds = true;
	return VSP_OK;
}

vsp_status aot_make_machine(aot_job *job)
{
	LLVMTargetRef target;
	if (find_target(job, &target) != VSP_OK)
		return job->error->code;
	if (!job->native && strcmp(job->options.cpu, "native") == 0)
		return vsp_error_set(
		        job->error, VSP_E_ARGUMENT, "'--mcpu=native' is this machine's, but '--target' is another");
	if (aot_check_machine(job) != VSP_OK || aot_check_possible(job) != VSP_OK)
		return job->error->code;
	job->machine = create_machine(job, target);
	if (!job->machine)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM cannot compile for '%s'", job->triple);
	job->layout = LLVMCreateTargetDataLayout(job->machine);
	unsigned size = LLVMPointerSize(job->layout);
	if (size != 4 && size != 8)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "'%s' has %u-bit pointers; programs are compiled for targets with 32 or 64", job->triple,
		        8 * size);
	if (job->options.mask && (size == 4 || job->known.wasm))
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "'--spectre=mask' is for targets with 64-bit addresses, and '%s' has none", job->triple);
	if (choose_bounds(job, size) != VSP_OK)
		return job->error->code;
	return list_features(job, target);
}
