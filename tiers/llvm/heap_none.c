/*
 * The version of heap.h without a heap: LLVM is a shared library here, or the linker cannot rename
 * calls, so all memory is the system's.
 *
 * In such a build LLVM's static objects are destroyed when the process ends, because keep_statics.c
 * cannot prevent it. Compile threads for which nobody has waited may still be inside LLVM then, so
 * the end of the process waits for them. It does not wait for ever, because in a forked process
 * these threads do not exist.
 */
#include "heap.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/platform/platform.h"

static vsp_plat_mutex *lock; /* created when the shared object is loaded; null: there was no memory */
static unsigned inside;      /* number of threads; under the lock */
static bool ended;           /* the process ends, and has waited; under the lock */
static _Thread_local unsigned depth;
static _Thread_local bool ends; /* this thread ends the process */
enum { PATIENCE_S = 10 };

/* Another thread that comes when the process has waited stays here: LLVM is being destroyed. */
static void change(int by)
{
	if (!lock)
		return;
	vsp_plat_mutex_lock(lock);
	while (ended && !ends && by > 0)
		vsp_plat_mutex_wait(lock, PATIENCE_S * UINT64_C(1000000000));
	inside += (unsigned)by;
	vsp_plat_mutex_signal(lock);
	vsp_plat_mutex_unlock(lock);
}

/*
 * This must be registered after LLVM's constructors have run, so that it is called before LLVM's
 * destructors. Objects that LLVM creates on first use are destroyed before anything that was
 * registered earlier. So a function is compiled first, which creates those that all need, and once
 * a job has created the others, this function is registered again.
 *
 * The process may already be ending when the shared object is opened, and then destroys objects in
 * the reverse order of their dependences as soon as they are loaded. So this is registered first
 * by a constructor of the shared object.
 */
static void wait_for_threads(void)
{
	uint64_t start = vsp_plat_clock_ns(), most = PATIENCE_S * UINT64_C(1000000000);
	vsp_plat_mutex_lock(lock);
	while (inside && vsp_plat_clock_ns() - start < most)
		vsp_plat_mutex_wait(lock, most);
	ended = ends = true;
	vsp_plat_mutex_unlock(lock);
}

__attribute__((constructor)) static void loaded(void)
{
	lock = vsp_plat_mutex_create();
	if (lock)
		atexit(wait_for_threads);
}

/* i64 f(i64 *p) { return *p + 1; } */
static LLVMModuleRef make_module(LLVMContextRef context, const char *triple)
{
	LLVMModuleRef module = LLVMModuleCreateWithNameInContext("first", context);
	LLVMTypeRef i64 = LLVMInt64TypeInContext(context), pointer = LLVMPointerTypeInContext(context, 0);
	LLVMValueRef f = LLVMAddFunction(module, "f", LLVMFunctionType(i64, &pointer, 1, false));
	LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
	LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(context, f, ""));
	LLVMValueRef loaded = LLVMBuildLoad2(b, i64, LLVMGetParam(f, 0), "");
	LLVMBuildRet(b, LLVMBuildAdd(b, loaded, LLVMConstInt(i64, 1, false), ""));
	LLVMDisposeBuilder(b);
	LLVMSetTarget(module, triple);
	return module;
}

static void compile_first(LLVMTargetMachineRef machine, LLVMModuleRef module)
{
	LLVMMemoryBufferRef code;
	char *message = NULL;
	if (!LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &message, &code))
		LLVMDisposeMemoryBuffer(code);
	LLVMDisposeMessage(message);
}

static void create_statics(void)
{
	char *triple = LLVMGetDefaultTargetTriple(), *message = NULL;
	LLVMTargetRef target;
	if (!LLVMGetTargetFromTriple(triple, &target, &message)) {
		LLVMContextRef context = LLVMContextCreate();
		LLVMModuleRef module = make_module(context, triple);
		LLVMTargetMachineRef machine = LLVMCreateTargetMachine(
		        target, triple, "", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelDefault);
		compile_first(machine, module);
		LLVMDisposeTargetMachine(machine);
		LLVMDisposeModule(module);
		LLVMContextDispose(context);
	}
	LLVMDisposeMessage(message);
	LLVMDisposeMessage(triple);
}

static void load(void)
{
	vsp_heap_enter();
	LLVMInitializeNativeTarget();
	LLVMInitializeNativeAsmPrinter();
	create_statics();
	if (lock)
		atexit(wait_for_threads);
	depth = 0;
	change(-1);
}

static void register_again(void)
{
	if (lock)
		atexit(wait_for_threads);
}

void vsp_heap_loaded(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, load);
}

bool vsp_heap_enter(void)
{
	if (!depth++)
		change(1);
	return true;
}

void vsp_heap_leave(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	if (!--depth) {
		vsp_plat_call_once(&once, register_again);
		change(-1);
	}
}

void vsp_heap_abandon(void)
{
	if (depth)
		change(-1);
	depth = 0;
}

void vsp_heap_trim(void) {}
