/*
 * The ORC session, see session.h. Code memory comes from the slab through the callbacks of the
 * RTDyld layer, the only way in which LLVM's C interface lets a program own code memory.
 */
#include "session.h"

#include "describe.h"
#include "image.h"
#include "machines.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

/* ---- memory of sections ---- */

/*
 * Takes pages for all sections of an object. The sections are part of the object, except for two
 * additions of the linker: a stub or table word for a relocation, which takes less room than the
 * relocation in the object, and alignment of sections.
 */
static bool take_pages(vsp_unit *unit, size_t object_size)
{
	enum { ALIGNING = 8 }; /* pages */
	vsp_slab *slab = unit->jit->slab;
	unit->pages = vsp_slab_take(slab, 2 * object_size + ALIGNING * slab->page_size);
	return unit->pages.count != 0;
}

static size_t pages_for(const vsp_unit *unit, size_t bytes)
{
	size_t page = unit->jit->slab->page_size;
	return (bytes + page - 1) / page;
}

/* Gives back the pages that no section has needed. */
static void give_rest(vsp_unit *unit)
{
	size_t used = pages_for(unit, unit->code_used > unit->data_used ? unit->code_used : unit->data_used);
	vsp_extent rest = {unit->pages.page + (uint32_t)used, unit->pages.count - (uint32_t)used};
	vsp_slab_give(unit->jit->slab, rest);
	unit->pages.count = (uint32_t)used;
}

static void *memory_begin(void *opaque)
{
	vsp_jit *jit = opaque;
	return jit->linking;
}

static void memory_end(void *opaque) { (void)opaque; }

/* Room for a section behind those that are there already; null: there is none. */
static uint8_t *put_section(const vsp_unit *unit, uint8_t *half, size_t *used, size_t size, size_t alignment)
{
	size_t align = alignment ? alignment : 1, start = (*used + align - 1) / align * align;
	size_t room = unit->pages.count * unit->jit->slab->page_size;
	if (start > room || size > room - start)
		return NULL;
	*used = start + size;
	return half + start;
}

static uint8_t *allocate_code(void *opaque, uintptr_t size, unsigned alignment, unsigned id, const char *name)
{
	(void)id;
	(void)name;
	vsp_unit *unit = opaque;
	if (!unit)
		return NULL;
	uint8_t *half = vsp_slab_code(unit->jit->slab, unit->pages),
	        *address = put_section(unit, half, &unit->code_used, size, alignment);
	if (address && !unit->text) {
		unit->text = address;
		unit->text_size = size;
	}
	return address;
}

static uint8_t *allocate_data(
        void *opaque, uintptr_t size, unsigned alignment, unsigned id, const char *name, LLVMBool read_only)
{
	(void)id;
	(void)read_only; /* all data is read-only once linked: code does not write its own data */
	vsp_unit *unit = opaque;
	if (!unit)
		return NULL;
	uint8_t *half = vsp_slab_data(unit->jit->slab, unit->pages),
	        *address = put_section(unit, half, &unit->data_used, size, alignment);
	if (address && strcmp(name, ".eh_frame") == 0) {
		unit->unwind = address;
		unit->unwind_size = size;
	}
	return address;
}

/*
 * If a unit cannot be sealed, the linker is told that it is linked all the same, and the caller
 * that asked for the unit releases it. The linker has registered the unwind table by now, and would
 * leave it registered if it were told of a failure.
 */
static LLVMBool finalize(void *opaque, char **message)
{
	(void)message;
	vsp_unit *unit = opaque;
	if (!unit)
		return false;
	give_rest(unit);
	unit->unsealed = !vsp_slab_seal(unit->jit->slab, unit->pages);
	return false;
}

static LLVMOrcObjectLayerRef create_object_layer(void *opaque, LLVMOrcExecutionSessionRef session, const char *triple)
{
	(void)triple;
	return LLVMOrcCreateRTDyldObjectLinkingLayerWithMCJITMemoryManagerLikeCallbacks(
	        session, opaque, memory_begin, memory_end, allocate_code, allocate_data, finalize, memory_end);
}

/* ---- symbols ---- */

static void add_symbols(vsp_jit *jit, LLVMOrcCSymbolMapPair *out, const vsp_call_address *calls, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		out[i].Name = LLVMOrcLLJITMangleAndIntern(jit->lljit, calls[i].name);
		out[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)calls[i].address;
		out[i].Sym.Flags.GenericFlags = LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
		out[i].Sym.Flags.TargetFlags = 0;
	}
}

static LLVMErrorRef define_symbols(vsp_jit *jit, const vsp_call_address *calls, unsigned count)
{
	LLVMOrcCSymbolMapPair *pairs = vsp_alloc(count, sizeof *pairs);
	if (!pairs)
		return LLVMCreateStringError("out of memory");
	add_symbols(jit, pairs, calls, count);
	LLVMOrcMaterializationUnitRef unit = LLVMOrcAbsoluteSymbols(pairs, count);
	LLVMErrorRef error = LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(jit->lljit), unit);
	if (error)
		LLVMOrcDisposeMaterializationUnit(unit);
	vsp_free_memory(pairs);
	return error;
}

/* ---- creation ---- */

/*
 * ORC compiles nothing here, it only links, so the data layout is all that it knows of the machine.
 */
static LLVMErrorRef create_lljit(vsp_jit *jit)
{
	LLVMTargetMachineRef machine = vsp_machine_create(0);
	if (!machine)
		return LLVMCreateStringError("out of memory");
	jit->triple = LLVMGetTargetMachineTriple(machine);
	jit->layout = LLVMCreateTargetDataLayout(machine);
	LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
	/* The builder owns the machine from here on. */
	LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
	        builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(machine));
	LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, create_object_layer, jit);
	return LLVMOrcCreateLLJIT(&jit->lljit, builder);
}

static vsp_jit *fail(vsp_jit *jit, vsp_error *error, LLVMErrorRef why, const char *what)
{
	char *text = why ? LLVMGetErrorMessage(why) : NULL;
	vsp_error_set(error, VSP_E_UNSUPPORTED, "%s%s%s", what, text ? ": " : "", text ? text : "");
	if (text)
		LLVMDisposeErrorMessage(text);
	vsp_session_destroy(jit);
	return NULL;
}

vsp_jit *vsp_session_create(
        const vsp_module_data *module, const vsp_call_address *calls, unsigned count, vsp_slab *slab, vsp_error *error)
{
	vsp_jit *jit = vsp_alloc(1, sizeof *jit);
	if (!jit)
		return NULL;
	jit->module = module;
	jit->slab = slab;
	const char *unable = vsp_machines_prepare();
	if (unable)
		return fail(jit, error, NULL, unable);
	LLVMErrorRef why = create_lljit(jit);
	if (!why)
		why = define_symbols(jit, calls, count);
	return why ? fail(jit, error, why, "the JIT cannot be started") : jit;
}

void vsp_session_forget_shown(vsp_jit *jit)
{
	if (!jit->shown)
		return;
	LLVMDisposeModule(jit->shown);
	LLVMContextDispose(jit->shown_context);
	jit->shown = NULL;
}

void vsp_session_destroy(vsp_jit *jit)
{
	if (!jit)
		return;
	vsp_session_forget_shown(jit);
	if (jit->lljit)
		LLVMConsumeError(LLVMOrcDisposeLLJIT(jit->lljit));
	for (int tier = 1; tier < 3; tier++)
		if (jit->machines[tier])
			LLVMDisposeTargetMachine(jit->machines[tier]);
	if (jit->context)
		LLVMContextDispose(jit->context);
	vsp_image_free(jit->image);
	if (jit->layout)
		LLVMDisposeTargetData(jit->layout);
	LLVMDisposeMessage(jit->triple);
	vsp_free_memory(jit);
}

LLVMTargetMachineRef vsp_session_machine(vsp_jit *jit, int tier)
{
	if (!jit->machines[tier])
		jit->machines[tier] = vsp_machine_create(tier);
	return jit->machines[tier];
}

/* ---- contexts ---- */

enum { CONTEXT_ROOM = 32 << 10 };

LLVMContextRef vsp_session_enter_context(vsp_jit *jit, int tier)
{
	if (tier == 1 && jit->context)
		return jit->context;
	LLVMContextRef context = LLVMContextCreate();
	LLVMContextSetDiscardValueNames(context, true); /* only readers of the text need names */
	if (tier == 1) {
		jit->context = context;
		jit->context_room = CONTEXT_ROOM;
	}
	return context;
}

void vsp_session_leave_context(vsp_jit *jit, LLVMContextRef context, uint32_t func)
{
	const vsp_func *f = &jit->module->funcs[func];
	if (context == jit->context && f->size < jit->context_room) {
		jit->context_room -= f->size;
		return;
	}
	if (context == jit->context)
		jit->context = NULL;
	LLVMContextDispose(context);
}

/* ---- units ---- */

vsp_unit *vsp_session_link(vsp_jit *jit, LLVMMemoryBufferRef object, const char **why)
{
	vsp_unit *unit = vsp_alloc(1, sizeof *unit);
	if (unit) {
		unit->jit = jit;
		*why = take_pages(unit, LLVMGetBufferSize(object)) ? NULL : "out of code memory";
	} else {
		*why = "out of memory";
	}
	if (*why) {
		LLVMDisposeMemoryBuffer(object);
		vsp_free_memory(unit);
		return NULL;
	}
	unit->tracker = LLVMOrcJITDylibCreateResourceTracker(LLVMOrcLLJITGetMainJITDylib(jit->lljit));
	LLVMErrorRef error = LLVMOrcLLJITAddObjectFileWithRT(jit->lljit, unit->tracker, object);
	if (!error)
		return unit;
	LLVMConsumeError(error);
	vsp_session_release(jit, unit);
	*why = "the object cannot be linked";
	return NULL;
}

const void *vsp_session_lookup(vsp_jit *jit, const char *name)
{
	LLVMOrcExecutorAddress address = 0;
	LLVMErrorRef error = LLVMOrcLLJITLookup(jit->lljit, &address, name);
	LLVMConsumeError(error);
	return error ? NULL : (const void *)(uintptr_t)address;
}

void vsp_session_release(vsp_jit *jit, vsp_unit *unit)
{
	if (!unit)
		return;
	LLVMConsumeError(LLVMOrcResourceTrackerRemove(unit->tracker));
	LLVMOrcReleaseResourceTracker(unit->tracker);
	vsp_slab_give(jit->slab, unit->pages);
	vsp_free_memory(unit->places);
	vsp_describe_free(&unit->map);
	vsp_free_memory(unit);
}
