/*
 * Fuzz target: the lowering. A module, from a .silc file or decided on by the bytes, becomes LLVM
 * IR with every entry point, with options that the bytes choose; LLVM's verifier finds nothing
 * wrong, or a limit is the reason that a function is refused.
 */
#include <llvm-c/Analysis.h>

#include "frontend/silc/silc.h"
#include "ir/cfg.h"
#include "ir/lower/lower.h"
#include "program.h"
#include "test/support/mutate.h"

enum { ENTRIES = 3 };

static const char layout[] = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";

static vsp_lower_options options_of(uint32_t bits)
{
	vsp_lower_options o = {0};
	bool *const flags[] = {&o.precise, &o.mark, &o.guarded, &o.mask, &o.meter, &o.fuel, &o.deterministic, &o.poll,
	        &o.exact_depth, &o.stack_check, &o.debug, &o.pcsections, &o.count, &o.optimise, &o.ranges, &o.status};
	for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
		*flags[i] = bits >> i & 1;
	o.meter |= o.fuel;
	o.mask = o.mask && !o.guarded; /* masks need explicit checks */
	o.refuse = true;
	return o;
}

/* Its start, and a few loop heads. */
static bool lower_entries(vsp_lower *lower, const vsp_module_data *m, uint32_t f)
{
	vsp_arena arena = VSP_ARENA_INIT;
	vsp_cfg cfg;
	CHECK(vsp_cfg_build(&cfg, m, f, &arena));
	vsp_lower_reason reason = vsp_lower_entry(lower, f, m->funcs[f].start);
	for (uint32_t b = 1, n = 0; b < cfg.block_count && n < ENTRIES && reason == VSP_LOWER_OK; b++)
		if (cfg.blocks[b].start % 3 == 0) {
			reason = vsp_lower_entry(lower, f, cfg.blocks[b].start);
			n++;
		}
	vsp_arena_free(&arena);
	return reason == VSP_LOWER_OK;
}

static bool lower_all(vsp_lower *lower, const vsp_module_data *m)
{
	bool good = true;
	for (uint32_t f = 0; f < m->func_count; f++)
		vsp_lower_include(lower, f);
	for (uint32_t f = 0; f < m->func_count && good; f++)
		good = vsp_lower_native(lower, f, false) == VSP_LOWER_OK && vsp_lower_boxed(lower, f) == VSP_LOWER_OK &&
		       lower_entries(lower, m, f);
	if (good && m->funcs[0].kind == VSP_KIND_FUNCTION)
		vsp_lower_start(lower, 0);
	return good;
}

static void check(const vsp_module_data *m, uint32_t bits)
{
	char *message = NULL;
	vsp_lower_options options = options_of(bits);
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef data = LLVMCreateTargetData(layout);
	vsp_lower *lower = vsp_lower_create(context, m, &options, "fuzz", "x86_64-unknown-linux-gnu", data);
	CHECK(lower);
	if (lower_all(lower, m)) {
		LLVMModuleRef module = vsp_lower_end(lower);
		if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message))
			fprintf(stderr, "options %x: %s\n", (unsigned)bits, message);
		CHECK(!LLVMVerifyModule(module, LLVMReturnStatusAction, NULL));
		LLVMDisposeMessage(message);
		LLVMDisposeModule(module);
	} else {
		vsp_lower_destroy(lower);
	}
	LLVMDisposeTargetData(data);
	LLVMContextDispose(context);
}

static vsp_module_data *read(const uint8_t *data, size_t size, uint32_t *bits)
{
	if (size >= VSP_SILC_HEADER && memcmp(data, "SILC", 4) == 0) {
		uint8_t *bytes = malloc(size);
		CHECK(bytes);
		memcpy(bytes, data, size);
		memcpy(bits, data + 24, sizeof *bits); /* where the checksum was */
		mutate_repair(bytes, size);
		vsp_module_data *m = vsp_silc_read(bytes, size, NULL);
		free(bytes);
		return m;
	}
	fuzz_input in = {data, data + size};
	*bits = (uint32_t)fuzz_number(&in, 4);
	silc_bytes file = fuzz_program(&in);
	vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
	silc_bytes_free(&file);
	CHECK(m);
	return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t bits = 0;
	vsp_module_data *m = read(data, size, &bits);
	if (m)
		check(m, bits);
	vsp_module_data_free(m);
	return 0;
}
