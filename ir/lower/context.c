/*
 * The context of the lowering: types, metadata, declarations of the functions that emitted code
 * calls, and attributes which tell LLVM what those calls may do. Everything is created once per
 * LLVM module and found by number.
 */
#include "c_abi.h"
#include "context.h"
#include "landing.h"
#include "pcsections.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"

/* What a class of callee may do; attributes express it. */
enum callee_class { CLASS_PURE, CLASS_STATE, CLASS_HOST, CLASS_STOP, CLASS_END };

static const struct callee_info {
	const char *name, *signature;
	uint8_t class;
} callee_infos[VSP_CALLEES] = {
#define CALL(symbol, signature, class) {#symbol, signature, CLASS_##class},
#include "runtime/compiled.def"
};

const char *vsp_lower_reason_text(vsp_lower_reason reason)
{
	static const char *const texts[VSP_LOWER_REASONS] = {
	        "",
#define LOWER_REASON(name, text) text,
#include "reasons.def"
	};
	return texts[reason];
}

void vsp_lower_name(char out[VSP_LOWER_NAME], enum vsp_entry_point point, uint32_t func, uint32_t pc)
{
	static const char *const names[] = {[VSP_POINT_NATIVE] = "f",
	        [VSP_POINT_BOXED] = "boxed",
	        [VSP_POINT_START] = "start",
	        [VSP_POINT_LOOP] = "loop"};
	if (point == VSP_POINT_ENTRY)
		snprintf(out, VSP_LOWER_NAME, "vsp.entry.%u.%u", (unsigned)func, (unsigned)pc);
	else
		snprintf(out, VSP_LOWER_NAME, "vsp.%s.%u", names[point], (unsigned)func);
}

bool vsp_lower_parse_name(const char *name, enum vsp_entry_point *point, uint32_t *func, uint32_t *pc)
{
	unsigned f, at = 0;
	if (sscanf(name, "vsp.f.%u", &f) == 1)
		*point = VSP_POINT_NATIVE;
	else if (sscanf(name, "vsp.boxed.%u", &f) == 1)
		*point = VSP_POINT_BOXED;
	else if (sscanf(name, "vsp.loop.%u", &f) == 1)
		*point = VSP_POINT_LOOP;
	else if (sscanf(name, "vsp.entry.%u.%u", &f, &at) == 2)
		*point = VSP_POINT_ENTRY;
	else
		return false;
	*func = f;
	*pc = at;
	return true;
}

void vsp_lower_add_attribute(vsp_lower *l, LLVMValueRef fn, unsigned at, const char *name, uint64_t value)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
	if (kind)
		LLVMAddAttributeAtIndex(fn, at, LLVMCreateEnumAttribute(l->context, kind, value));
}

static LLVMTypeRef letter_type(vsp_lower *l, char letter)
{
	switch (letter) {
	case 'v': return l->none;
	case 'i': return l->i32;
	case 'l': return l->i64;
	case 'd': return l->f64;
	default: return l->ptr;
	}
}

static LLVMTypeRef signature_type(vsp_lower *l, const char *signature)
{
	LLVMTypeRef params[8];
	unsigned n = 0;
	for (const char *p = signature + 1; *p; p++)
		params[n++] = letter_type(l, *p);
	return LLVMFunctionType(letter_type(l, signature[0]), params, n, false);
}

/*
 * The encoding of the memory attribute: two bits (1 reads, 2 writes) each for argument memory,
 * inaccessible memory, errno and the rest (LLVM's ModRef.h). Callees that end a run read all
 * memory, so that stores before them are not lost, and write only memory that nobody else sees.
 */
enum { MEMORY_NONE = 0, MEMORY_READ_ALL = 0x55, MEMORY_WRITE_INACCESSIBLE = 2 << 2 };

static void callee_attributes(vsp_lower *l, LLVMValueRef fn, const struct callee_info *info)
{
	unsigned self = (unsigned)LLVMAttributeFunctionIndex;
	vsp_lower_add_attribute(l, fn, self, "nounwind", 0);
	switch (info->class) {
	case CLASS_PURE:
		vsp_lower_add_attribute(l, fn, self, "memory", MEMORY_NONE);
		vsp_lower_add_attribute(l, fn, self, "willreturn", 0);
		vsp_lower_add_attribute(l, fn, self, "nosync", 0);
		break;
	case CLASS_STATE: vsp_lower_add_attribute(l, fn, self, "willreturn", 0); break;
	case CLASS_STOP: vsp_lower_add_attribute(l, fn, self, "noreturn", 0); /* fall through */
	case CLASS_END:
		vsp_lower_add_attribute(l, fn, self, "cold", 0);
		vsp_lower_add_attribute(l, fn, self, "memory", MEMORY_READ_ALL | MEMORY_WRITE_INACCESSIBLE);
		break;
	default: break;
	}
	/* Helpers keep no pointer that they are given: captures(none). */
	for (unsigned p = 0; info->signature[1 + p]; p++)
		if (info->signature[1 + p] == 'p')
			vsp_lower_add_attribute(l, fn, 1 + p, "captures", 0);
}

LLVMValueRef vsp_lower_callee(vsp_lower *l, vsp_callee which)
{
	if (!l->callees[which]) {
		const struct callee_info *info = &callee_infos[which];
		l->callee_types[which] = signature_type(l, info->signature);
		l->callees[which] = LLVMAddFunction(l->module, info->name, l->callee_types[which]);
		callee_attributes(l, l->callees[which], info);
		vsp_lower_c_parameters(l->callees[which]);
		vsp_lower_c_result(l->callees[which], true);
	}
	return l->callees[which];
}

LLVMValueRef vsp_lower_call(vsp_fn *f, vsp_callee which, LLVMValueRef *args, unsigned count)
{
	LLVMValueRef fn = vsp_lower_callee(f->lower, which);
	LLVMValueRef call = LLVMBuildCall2(f->b, f->lower->callee_types[which], fn, args, count, "");
	unsigned class = callee_infos[which].class;
	return class == CLASS_PURE ? call : vsp_lower_mark_call(f, call, class != CLASS_STOP && class != CLASS_END);
}

/*
 * Is llvm.fma rounded once? It is where it is an instruction, as on devices, and where the C
 * library is glibc or Apple's (runtime/arith/fma.h).
 */
static bool has_exact_fma(const vsp_lower_options *options, const char *triple)
{
	static const char *const machines[] = {"aarch64", "arm64", "riscv64", "powerpc64", "s390x"};
	static const char *const systems[] = {"-linux-gnu", "-apple-"};
	bool exact = options->device || options->fma;
	for (unsigned i = 0; i < sizeof machines / sizeof machines[0]; i++)
		exact |= strncmp(triple, machines[i], strlen(machines[i])) == 0;
	for (unsigned i = 0; i < sizeof systems / sizeof systems[0]; i++)
		exact |= strstr(triple, systems[i]) != NULL;
	return exact;
}

/*
 * Three features that only some targets have: a register which callees preserve, so that it holds
 * the run-time state through all calls and no function saves or passes it (Swift's "self": r13,
 * x20); an intrinsic for the position of a frame; and code that touches a large frame page by page.
 */
#define SELF "swiftself"
static void know_target(vsp_lower *l, const char *triple)
{
	static const char *const known[] = {"x86_64", "aarch64", "arm64"};
	static const char *const probing[] = {"x86_64", "aarch64", "i386", "i686", "riscv64", "powerpc64", "s390x"};
	for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
		l->fixed_frame |= strncmp(triple, known[i], strlen(known[i])) == 0;
	bool probed = strstr(triple, "windows") != NULL; /* always, by a helper of the system */
	for (unsigned i = 0; i < sizeof probing / sizeof probing[0] && !probed; i++)
		l->probes |= strncmp(triple, probing[i], strlen(probing[i])) == 0;
	l->ordered_loads = strncmp(triple, known[0], strlen(known[0])) == 0;
	l->loses_nans = l->ordered_loads;
	l->exact_fma = has_exact_fma(l->options, triple);
	l->self_kind = l->fixed_frame ? LLVMGetEnumAttributeKindForName(SELF, strlen(SELF)) : 0;
}

LLVMTypeRef vsp_lower_native_type(vsp_lower *l, unsigned params, unsigned results)
{
	LLVMTypeRef args[1 + VSP_REGISTERS] = {l->ptr};
	for (unsigned i = 0; i < params; i++)
		args[1 + i] = l->i64;
	LLVMTypeRef words[3] = {l->i64, l->i64, l->i64}, result = l->none;
	if (l->options->status)
		result = l->i32;
	else if (results == 1)
		result = l->i64;
	else if (results > 1)
		result = LLVMStructTypeInContext(l->context, words, results < 3 ? results : 3, false);
	return LLVMFunctionType(result, args, 1 + params, false);
}

LLVMValueRef vsp_lower_native_add(vsp_lower *l, uint32_t func, const char *name)
{
	const vsp_func *f = &l->data->funcs[func];
	LLVMValueRef value = LLVMAddFunction(l->module, name, vsp_lower_native_type(l, f->params, f->results));
	LLVMSetFunctionCallConv(value, LLVMFastCallConv);
	if (l->self_kind)
		vsp_lower_add_attribute(l, value, 1, SELF, 0);
	vsp_lower_function_attributes(l, value);
	return value;
}

LLVMValueRef vsp_lower_native_decl(vsp_lower *l, uint32_t func)
{
	if (!l->natives[func]) {
		char name[VSP_LOWER_NAME];
		vsp_lower_name(name, VSP_POINT_NATIVE, func, 0);
		l->natives[func] = vsp_lower_native_add(l, func, name);
	}
	return l->natives[func];
}

static void add_text_attribute(vsp_lower *l, LLVMValueRef fn, const char *name, const char *value)
{
	LLVMAttributeRef attribute =
	        LLVMCreateStringAttribute(l->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value));
	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

/*
 * A frame of more than a page is touched page by page, if LLVM can do that, so that no frame steps
 * over the stack's guard page.
 */
static void bound_frame(vsp_lower *l, LLVMValueRef fn)
{
	char told[16];
	snprintf(told, sizeof told, "%d", VSP_FRAME_TOLD);
	add_text_attribute(l, fn, "warn-stack-size", told);
	if (l->probes)
		add_text_attribute(l, fn, "probe-stack", "inline-asm");
}

void vsp_lower_function_attributes(vsp_lower *l, LLVMValueRef fn)
{
	unsigned self = (unsigned)LLVMAttributeFunctionIndex;
	vsp_lower_add_attribute(l, fn, self, "nounwind", 0);
	if (l->options->device) { /* nothing is called there */
		vsp_lower_add_attribute(l, fn, self, "alwaysinline", 0);
		return;
	}
	bound_frame(l, fn);
	vsp_lower_add_attribute(l, fn, self, "uwtable", 2);
	if (!l->options->optimise) { /* avoids machine passes that -O0 would still run, such as scheduling */
		vsp_lower_add_attribute(l, fn, self, "optnone", 0);
		vsp_lower_add_attribute(l, fn, self, "noinline", 0);
		return;
	}
	/*
	 * The state is reached only through this argument, and its first bytes are always
	 * accessible.
	 */
	vsp_lower_add_attribute(l, fn, 1, "noalias", 0);
	vsp_lower_add_attribute(l, fn, 1, "nonnull", 0);
	vsp_lower_add_attribute(l, fn, 1, "noundef", 0);
	vsp_lower_add_attribute(l, fn, 1, "dereferenceable", l->state.size);
	vsp_lower_add_attribute(l, fn, 1, "align", l->state.align);
}

/* LLVM's number of the address space of a device's memory, for SPIR-V and PTX alike. */
enum { DEVICE_SPACE = 1 };

static void make_types(vsp_lower *l)
{
	LLVMContextRef c = l->context;
	l->i1 = LLVMInt1TypeInContext(c);
	l->i8 = LLVMInt8TypeInContext(c);
	l->i16 = LLVMInt16TypeInContext(c);
	l->i32 = LLVMInt32TypeInContext(c);
	l->i64 = LLVMInt64TypeInContext(c);
	l->f32 = LLVMFloatTypeInContext(c);
	l->f64 = LLVMDoubleTypeInContext(c);
	l->ptr = LLVMPointerTypeInContext(c, 0);
	l->memory = LLVMPointerTypeInContext(c, l->options->device ? DEVICE_SPACE : 0);
	l->none = LLVMVoidTypeInContext(c);
	l->bytes16 = LLVMVectorType(l->i8, 16);
	LLVMTypeRef entry[] = {l->ptr, l->ptr, l->i32, l->i32};
	l->entry_type = LLVMFunctionType(l->i32, entry, 4, false);
}

static LLVMMetadataRef node_of(vsp_lower *l, LLVMMetadataRef *operands, size_t n)
{
	return LLVMMDNodeInContext2(l->context, operands, n);
}

static LLVMMetadataRef string_of(vsp_lower *l, const char *text)
{
	return LLVMMDStringInContext2(l->context, text, strlen(text));
}

/* An access tag for TBAA: a type under the common root, for accesses as that type. */
static LLVMValueRef make_tbaa(vsp_lower *l, LLVMMetadataRef root, const char *name)
{
	LLVMMetadataRef zero = LLVMValueAsMetadata(LLVMConstInt(l->i64, 0, false));
	LLVMMetadataRef type = node_of(l, (LLVMMetadataRef[]){string_of(l, name), root, zero}, 3);
	return LLVMMetadataAsValue(l->context, node_of(l, (LLVMMetadataRef[]){type, type, zero}, 3));
}

static unsigned metadata_kind(vsp_lower *l, const char *name)
{
	return LLVMGetMDKindIDInContext(l->context, name, (unsigned)strlen(name));
}

static void make_weights(vsp_lower *l)
{
	LLVMMetadataRef weights[] = {string_of(l, "branch_weights"),
	        LLVMValueAsMetadata(LLVMConstInt(l->i32, 1, false)),
	        LLVMValueAsMetadata(LLVMConstInt(l->i32, 1 << 20, false))};
	l->unlikely = LLVMMetadataAsValue(l->context, node_of(l, weights, 3));
	l->prof_kind = metadata_kind(l, "prof");
}

/* Metadata that only passes use. */
static void make_alias_metadata(vsp_lower *l)
{
	l->empty_node = LLVMMetadataAsValue(l->context, node_of(l, NULL, 0));
	l->tbaa_kind = metadata_kind(l, "tbaa");
	l->invariant_kind = metadata_kind(l, "invariant.load");
	LLVMMetadataRef root = node_of(l, (LLVMMetadataRef[]){string_of(l, "vsp")}, 1);
	l->tbaa_memory = make_tbaa(l, root, "linear memory");
	l->tbaa_state = make_tbaa(l, root, "run-time state");
	l->tbaa_globals = make_tbaa(l, root, "globals");
}

/* Debug locations hold code addresses as lines; the file is the module. */
static void make_debug(vsp_lower *l, const char *name)
{
	LLVMMetadataRef version = LLVMValueAsMetadata(LLVMConstInt(l->i32, LLVMDebugMetadataVersion(), false));
	LLVMAddModuleFlag(l->module, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18, version);
	l->di = LLVMCreateDIBuilder(l->module);
	l->di_file = LLVMDIBuilderCreateFile(l->di, name, strlen(name), "", 0);
	LLVMDIBuilderCreateCompileUnit(l->di, LLVMDWARFSourceLanguageC11, l->di_file, "vsp", 3, true, "", 0, 0, "", 0,
	        LLVMDWARFEmissionLineTablesOnly, 0, false, false, "", 0, "", 0);
	l->di_type = LLVMDIBuilderCreateSubroutineType(l->di, l->di_file, NULL, 0, LLVMDIFlagZero);
}

vsp_lower *vsp_lower_create(LLVMContextRef context, const vsp_module_data *data, const vsp_lower_options *options,
        const char *name, const char *triple, LLVMTargetDataRef layout)
{
	vsp_lower *l = vsp_alloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->included = vsp_alloc(data->func_count, sizeof *l->included);
	l->natives = vsp_alloc(data->func_count, sizeof *l->natives);
	if (!l->included || !l->natives) {
		vsp_free_memory(l->included);
		vsp_free_memory(l->natives);
		vsp_free_memory(l);
		return NULL;
	}
	l->context = context;
	l->data = data;
	l->options = options;
	l->module = LLVMModuleCreateWithNameInContext(name, context);
	LLVMSetTarget(l->module, triple);
	know_target(l, triple);
	LLVMSetModuleDataLayout(l->module, layout);
	l->state = vsp_state_layout_of(context, LLVMGetModuleDataLayout(l->module));
	l->big_endian = LLVMByteOrder(layout) == LLVMBigEndian;
	l->whole_accesses =
	        strncmp(triple, "x86_64", 6) == 0 || strncmp(triple, "i686", 4) == 0 || strncmp(triple, "i386", 4) == 0;
	l->pairs = LLVMPointerSize(layout) < 8 && strncmp(triple, "wasm", 4) != 0;
	l->builder = LLVMCreateBuilderInContext(context);
	make_types(l);
	make_weights(l);
	if (options->optimise)
		make_alias_metadata(l);
	if (options->debug || (options->pcsections && !vsp_lower_open_pcsections(l, triple)))
		make_debug(l, name);
	return l;
}

const vsp_module_data *vsp_lower_data(const vsp_lower *l) { return l->data; }

vsp_lower_outcome vsp_lower_outcome_of(const vsp_lower *l) { return l->outcome; }

void vsp_lower_include(vsp_lower *l, uint32_t func) { l->included[func] = 1; }

/* Frees everything but the module, which is returned. */
static LLVMModuleRef dismantle(vsp_lower *l)
{
	LLVMModuleRef module = l->module;
	if (l->di) {
		LLVMDIBuilderFinalize(l->di);
		LLVMDisposeDIBuilder(l->di);
	}
	LLVMDisposeBuilder(l->builder);
	vsp_free_memory(l->included);
	vsp_free_memory(l->natives);
	vsp_free_memory(l);
	return module;
}

LLVMModuleRef vsp_lower_end(vsp_lower *l)
{
	LLVMModuleRef module = dismantle(l);
	vsp_lower_mark_landings(module);
	return module;
}

void vsp_lower_destroy(vsp_lower *l)
{
	if (l)
		LLVMDisposeModule(dismantle(l));
}
