/*
 * Back ends of a host, through the public headers alone: what they are asked, and what becomes of
 * each answer.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <vsp/vsp_provider.h>

static struct {
	int opened, closed, ran, waited, ran_before_wait, interrupted, answer, open_answer, wait_answer;
	bool silent; /* it gives no reason */
	vsp_provider_op op;
	/* Of LAUNCH: a copy of what is valid in run alone, and the SPIR-V. */
	vsp_provider_range ranges[4];
	vsp_status code_status;
	uint32_t code_start, code_needs;
	char entry[32];
	bool explained;
} dsp;

static void note_launch(const vsp_provider_op *op)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_kernel kernel = VSP_PROVIDER_KERNEL_INIT;
	for (uint32_t i = 0; i < op->range_count && i < 4; i++)
		dsp.ranges[i] = op->ranges[i];
	dsp.code_status = vsp_provider_code(op, VSP_PROVIDER_SPIRV, &kernel, &error);
	dsp.explained = error.message[0];
	if (dsp.code_status == VSP_OK && kernel.code_size >= 4)
		memcpy(&dsp.code_start, kernel.code, 4);
	dsp.code_needs = kernel.needs;
	memcpy(dsp.entry, kernel.entry, sizeof dsp.entry);
	assert_int_equal(vsp_provider_code(op, (enum vsp_provider_format)2, &kernel, &error), VSP_E_ARGUMENT);
	for (unsigned i = 0; i < 2; i++) { /* the first function, which is no kernel, and none */
		vsp_provider_op other = *op;
		other.kernel = i ? 1000 : 0;
		assert_int_equal(vsp_provider_code(&other, VSP_PROVIDER_SPIRV, &kernel, &error), VSP_E_ARGUMENT);
		assert_non_null(strstr(error.message, "is no kernel"));
	}
	vsp_provider_code_free(&kernel);
	vsp_provider_code_free(&kernel);
	vsp_provider_code_free(NULL);
}

static int dsp_open(void *user, void **state, char *reason, size_t size)
{
	dsp.opened++;
	*state = user;
	snprintf(reason, size, "no cable");
	return dsp.open_answer;
}

static void dsp_close(void *state)
{
	assert_ptr_equal(state, &dsp);
	dsp.closed++;
}

/* VMAP and LAUNCH write 7s; VRED gives 9; INFER doubles bytes. */
static int dsp_run(void *state, const vsp_provider_op *op, char *reason, size_t size)
{
	assert_ptr_equal(state, &dsp);
	dsp.ran++;
	dsp.op = *op;
	assert_int_equal(reason[0], 0); /* of this operation, not of an earlier one */
	if (dsp.answer) {
		snprintf(reason, size, "%s", dsp.silent ? "" : "too\nhot");
		return dsp.answer;
	}
	uint32_t to = op->operation == VSP_OPERATION_LAUNCH ? op->ranges[0].address : op->destination;
	for (uint64_t i = 0; i < op->count && op->operation != VSP_OPERATION_VRED; i++)
		op->memory[to + i] =
		        op->operation == VSP_OPERATION_INFER ? (uint8_t)(2 * op->memory[op->source + i]) : 7;
	if (op->operation == VSP_OPERATION_VRED)
		*op->result = 9;
	if (op->operation == VSP_OPERATION_LAUNCH)
		note_launch(op);
	return VSP_PROVIDER_DONE;
}

static int dsp_emerge(void *state, const float in[32], float out[32], char *reason, size_t size)
{
	(void)state, (void)reason, (void)size;
	memcpy(out, in, 32 * sizeof *in);
	out[0] = in[0] + 1;
	return dsp.answer;
}

static int dsp_wait(void *state, char *reason, size_t size)
{
	(void)state;
	dsp.waited++;
	if (!dsp.ran_before_wait)
		dsp.ran_before_wait = dsp.ran;
	snprintf(reason, size, "lost");
	return dsp.wait_answer;
}

static const char program[] =
        ".func map(2) -> 1\nHINT.GPU\nMOVI R2, 4\nVMAP.COPY R0, R1, R2\nLD8U R0, [R0]\nRET\n.end\n.export map\n"
        ".func later(2) -> 1\nHINT.GPU\nBATCH 1\nMOVI R2, 4\nVMAP.COPY R0, R1, R2\nUNBATCH\nLD8U R0, [R0]\nRET\n.end\n"
        ".export later\n.func twice(2) -> 1\nHINT.GPU\nBATCH 2\nMOVI R2, 4\nVMAP.COPY R0, R1, R2\nVMAP.COPY R0, R1, "
        "R2\nUNBATCH\n"
        "LD8U R0, [R0]\nRET\n.end\n.export twice\n.func fold(2) -> 1\nHINT.GPU\nMOVI R2, 4\nVRED.ADD R0, R1, "
        "R2\nRET\n.end\n.export fold\n"
        ".func infer(2) -> 1\nMOVI R2, 4\nMOVI R3, 0\nMOVI R4, 33\nST8 R4, [R1]\nINFER R3, R1, R0, R2\nLD8U R0, "
        "[R0]\nRET\n"
        ".end\n.export infer\n.func emerge(1) -> 1\nEMERGE\nRET\n.end\n.export emerge\n"
        ".func launch(2) -> 1\nHINT.GPU\nMOVI R2, 1\nST32 R2, [R1]\nST32 R0, [R1 + 4]\nMOVI R2, 8\nST32 R2, [R1 + 8]\n"
        "MOVI R2, 2\nST32 R2, [R1 + 12]\nMOVI R2, 5\nLAUNCH threes, R2, R1\nLD8U R0, [R0]\nRET\n.end\n.export launch\n"
        ".kernel threes\nLD32U R2, [R1 + 4]\nMOVI R3, 3\nSTX.8 R3, [R2 + R0]\nRET\n.end\n";

static vsp_instance *start(vsp_config *config, vsp_provider_table *table, vsp_error *error)
{
	vsp_module *module = vsp_assemble(program, strlen(program), NULL, error);
	vsp_instance *instance = vsp_instantiate(module, config, error);
	vsp_module_free(module);
	if (!instance)
		fail_msg("%s", error->message);
	memset(&dsp, 0, sizeof dsp);
	*table = (vsp_provider_table)VSP_PROVIDER_TABLE_INIT;
	table->name = "dsp";
	table->kind = VSP_BACKEND_GPU;
	table->operations = 1u << VSP_OPERATION_VMAP | 1u << VSP_OPERATION_VRED | 1u << VSP_OPERATION_INFER;
	table->user = &dsp;
	table->open = dsp_open;
	table->close = dsp_close;
	table->run = dsp_run;
	table->emerge = dsp_emerge;
	table->wait = dsp_wait;
	return instance;
}

static int64_t call(vsp_instance *instance, const char *name, vsp_status wanted, vsp_error *error)
{
	int64_t args[] = {0x21000, 0x22000}, result = -1;
	vsp_status status = vsp_call(instance, name, args, &result, error);
	if (status != wanted)
		fail_msg("%s: %s: %s", name, vsp_status_name(status), error->message);
	return result;
}

static void each_operation_reaches_the_host(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	config.capabilities = VSP_CAP_MODELS;
	vsp_instance *instance = start(&config, &table, &error);
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	assert_int_equal(dsp.opened, 0);
	assert_int_equal(call(instance, "map", VSP_OK, &error), 7);
	assert_int_equal(dsp.op.operation, VSP_OPERATION_VMAP);
	assert_int_equal(dsp.op.selector, 7);
	assert_int_equal(dsp.op.asynchronous, 0);
	assert_true(dsp.op.destination == 0x21000 && dsp.op.source == 0x22000 && dsp.op.count == 4);
	assert_int_equal(dsp.op.memory_size, 3 * 65536);
	assert_int_equal(call(instance, "later", VSP_OK, &error), 7);
	assert_int_equal(dsp.op.asynchronous, 1);
	assert_true(dsp.waited > 0);
	assert_int_equal(call(instance, "fold", VSP_OK, &error), 9);
	int64_t args[] = {0x92}, result = 0; /* rho 1, theta 2 */
	assert_int_equal(vsp_call(instance, "emerge", args, &result, &error), VSP_OK);
	assert_int_equal(result, 0xA2);
	assert_int_equal(dsp.opened, 1);
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	bool found = false;
	for (uint32_t i = 0; vsp_stats_backend(instance, i, &stats) == VSP_OK; i++)
		if (strcmp(stats.name, "dsp") == 0) {
			found = true;
			assert_int_equal(stats.operations[VSP_OPERATION_VMAP], 2);
			assert_int_equal(stats.operations[VSP_OPERATION_EMERGE], 1);
		}
	assert_true(found);
	vsp_free(instance);
	assert_int_equal(dsp.closed, 1);
}

static void models_of_the_program_go_to_the_host(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	config.capabilities = VSP_CAP_MODELS;
	vsp_instance *instance = start(&config, &table, &error);
	table.kind = VSP_BACKEND_NPU;
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	assert_int_equal(vsp_define_model(instance, "double", "any bytes", 9, &error), VSP_OK);
	assert_int_equal(call(instance, "infer", VSP_OK, &error), 66);
	assert_string_equal(dsp.op.model_name, "double");
	assert_int_equal(dsp.op.model_size, 9);
	vsp_free(instance);
}

static void models_are_given_before_the_first_run(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	config.capabilities = VSP_CAP_MODELS;
	vsp_instance *instance = start(&config, &table, &error);
	table.kind = VSP_BACKEND_NPU;
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	assert_int_equal(vsp_define_model(NULL, "m", "bytes", 5, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "instance is null");
	assert_int_equal(vsp_define_model(instance, NULL, "bytes", 5, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "name is null");
	assert_int_equal(vsp_define_model(instance, "m", NULL, 5, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_model(instance, "m", "bytes", 0, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the model has no bytes");
	/* The second takes the place of the first. */
	assert_int_equal(vsp_define_model(instance, "double", "any bytes", 9, &error), VSP_OK);
	assert_int_equal(vsp_define_model(instance, "double", "others", 6, &error), VSP_OK);
	assert_int_equal(call(instance, "infer", VSP_OK, &error), 66);
	assert_string_equal(dsp.op.model_name, "double");
	assert_int_equal(dsp.op.model_size, 6);
	assert_int_equal(vsp_define_model(instance, "late", "bytes", 5, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "models are defined before the first run");
	vsp_free(instance);
}

/* QEMU shows another root, from which absolute paths cannot be followed step by step. */
#if !defined(VSP_EMULATED)
#define VSP_EMULATED 0
#endif

/* A model of the program's own, from a file that the host reads for the assembler; the host's model
   of that name is used in its place, and one of another name comes behind it. */
static void models_of_hosts_take_the_place_of_the_programs(void **unused)
{
	(void)unused;
	static const char source[] = ".model own \"" VSP_SOURCE_DIR "/LICENSE\"\n.func infer(2) -> 1\nMOVI R2, 4\n"
	                             "MOVI R4, 33\nST8 R4, [R1]\nMOV R3, R0\nMOVI R0, 0x21000\nINFER R3, R1, R0, R2\n"
	                             "LD8U R0, [R0]\nRET\n.end\n.export infer\n";
	vsp_source_options how = VSP_SOURCE_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	config.capabilities = VSP_CAP_MODELS;
	for (int given = 0; given < 2; given++) {
		vsp_free(start(&config, &table, &error));
		table.kind = VSP_BACKEND_NPU;
		how.include_anywhere = 1;
		vsp_module *module = vsp_assemble(source, strlen(source), &how, &error);
		if (!module && VSP_EMULATED)
			skip();
		if (!module)
			fail_msg("%s", error.message);
		vsp_instance *instance = vsp_instantiate(module, &config, &error);
		vsp_module_free(module);
		assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
		assert_int_equal(vsp_define_model(instance, "other", "bytes", 5, &error), VSP_OK);
		if (given)
			assert_int_equal(vsp_define_model(instance, "own", "any bytes", 9, &error), VSP_OK);
		int64_t args[] = {0, 0x22000}, result = -1;
		assert_int_equal(vsp_call(instance, "infer", args, &result, &error), VSP_OK);
		assert_string_equal(dsp.op.model_name, "own");
		assert_true(given ? dsp.op.model_size == 9 : dsp.op.model_size > 100);
		args[0] = 1;
		assert_int_equal(vsp_call(instance, "infer", args, &result, &error), VSP_OK);
		assert_string_equal(dsp.op.model_name, "other");
		vsp_free(instance);
	}
}

static vsp_instance *start_launching(vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	vsp_instance *instance = start(config, &table, &error);
	table.operations = 1u << VSP_OPERATION_LAUNCH;
	table.emerge = NULL;
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	return instance;
}

static void kernels_reach_the_host_with_their_ranges(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = start_launching(&config);
	assert_int_equal(call(instance, "launch", VSP_OK, &error), 7);
	assert_int_equal(dsp.op.operation, VSP_OPERATION_LAUNCH);
	assert_string_equal(dsp.op.kernel_name, "threes");
	assert_true(dsp.op.count == 5 && (uint32_t)dsp.op.argument == 0x22000);
	assert_int_equal(dsp.op.range_count, 2);
	assert_true(dsp.ranges[0].address == 0x21000 && dsp.ranges[0].length == 8);
	assert_int_equal(dsp.ranges[0].flags, VSP_PROVIDER_OUT);
	assert_true(dsp.ranges[1].address == 0x22000 && dsp.ranges[1].flags == VSP_PROVIDER_IN);
	assert_true(dsp.ranges[1].length >= 16);
	vsp_free(instance);
}

static void code_of_kernels_is_given_to_the_host(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = start_launching(&config);
	assert_int_equal(call(instance, "launch", VSP_OK, &error), 7);
	if (dsp.code_status == VSP_OK) {
		char name[32];
		snprintf(name, sizeof name, "vsp_kernel_%u", (unsigned)dsp.op.kernel);
		assert_int_equal(dsp.code_start, 0x07230203); /* SPIR-V's magic number */
		assert_int_equal(dsp.code_needs, 0);
		assert_string_equal(dsp.entry, name);
	} else { /* a build without a compiler for devices */
		assert_int_equal(dsp.code_status, VSP_E_UNSUPPORTED);
		assert_true(dsp.explained);
	}
	vsp_provider_op map = {.size = sizeof map, .operation = VSP_OPERATION_VMAP, .instance = instance};
	vsp_provider_kernel kernel = VSP_PROVIDER_KERNEL_INIT;
	assert_int_equal(vsp_provider_code(&map, VSP_PROVIDER_SPIRV, &kernel, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_provider_code(NULL, VSP_PROVIDER_SPIRV, &kernel, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_provider_code(&map, VSP_PROVIDER_SPIRV, NULL, &error), VSP_E_ARGUMENT);
	/* After the run, as from a copy that the host has kept. */
	assert_int_equal(vsp_provider_code(&dsp.op, VSP_PROVIDER_SPIRV, &kernel, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "code is there while run has the LAUNCH, and not later");
	vsp_free(instance);
}

static void what_a_host_cannot_check_runs_on_the_cpu(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	for (int which = 0; which < 3; which++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.check_kernels = which == 0;
		config.max_depth = which == 1 ? 60 : 0;
		vsp_instance *instance = start_launching(&config);
		dsp.answer = which == 2 ? VSP_PROVIDER_DECLINED : 0;
		assert_int_equal(call(instance, "launch", VSP_OK, &error), 3);
		assert_int_equal(dsp.ran, which == 2);
		vsp_free(instance);
	}
}

/* Nobody else runs models here, or the library that does is asked in vain for these bytes. */
static void models_that_are_declined_without_a_reason_trap_with_one(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	config.capabilities = VSP_CAP_MODELS;
	for (int failed = 0; failed < 2; failed++) {
		vsp_instance *instance = start(&config, &table, &error);
		table.kind = VSP_BACKEND_NPU;
		assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
		assert_int_equal(vsp_define_model(instance, "double", "any bytes", 9, &error), VSP_OK);
		dsp.answer = VSP_PROVIDER_DECLINED;
		call(instance, "infer", VSP_TRAPPED, &error);
		assert_non_null(strstr(error.message, "dsp: too hot"));
		dsp.answer = failed ? VSP_PROVIDER_FAILED : VSP_PROVIDER_DECLINED;
		dsp.silent = true;
		call(instance, "infer", VSP_TRAPPED, &error);
		assert_int_equal(error.trap, VSP_TRAP_BACKEND);
		assert_non_null(strstr(error.message,
		        failed ? "dsp: it failed and gave no reason" : "dsp: it declined and gave no reason"));
		vsp_free(instance);
	}
}

static void each_failure_is_told(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	for (int which = 0; which < 4; which++) {
		vsp_instance *instance = start(&config, &table, &error);
		assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
		dsp.answer = which == 0 ? VSP_PROVIDER_DECLINED : which == 1 ? VSP_PROVIDER_FAILED : 0;
		dsp.open_answer = which == 2;
		dsp.wait_answer = which == 3 ? VSP_PROVIDER_FAILED : 0;
		bool traps = which == 1 || which == 3;
		call(instance, which == 3 ? "later" : "map", traps ? VSP_TRAPPED : VSP_OK, &error);
		if (traps)
			assert_non_null(strstr(error.message, which == 1 ? "dsp: too hot" : "dsp: lost"));
		vsp_free(instance);
		assert_int_equal(dsp.closed, which != 2);
	}
	config.backend = VSP_BACKEND_GPU; /* asked for by name, and not to be had */
	vsp_instance *instance = start(&config, &table, &error);
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	dsp.open_answer = 1;
	call(instance, "emerge", VSP_E_UNSUPPORTED, &error);
	assert_non_null(strstr(error.message, "gpu"));
	vsp_free(instance);
}

static int broken_open(void *user, void **state, char *reason, size_t size)
{
	(void)user, (void)state;
	snprintf(reason, size, "not plugged in");
	return 1;
}

static void one_that_cannot_be_opened_makes_nobody_wait(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table table;
	vsp_instance *instance = start(&config, &table, &error);
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	table.name = "broken";
	table.open = broken_open;
	table.close = NULL;
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK); /* asked before the other */
	assert_int_equal(call(instance, "twice", VSP_OK, &error), 7);
	assert_int_equal(dsp.ran, 2);
	assert_int_equal(dsp.ran_before_wait, 2);
	vsp_free(instance);
}

static void tables_are_checked(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_provider_table good, bad;
	vsp_instance *instance = start(NULL, &good, &error);
	assert_int_equal(vsp_add_provider(NULL, &good, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_add_provider(instance, NULL, &error), VSP_E_ARGUMENT);
#define REFUSED(status, change) \
	do { \
		bad = good; \
		change; \
		assert_int_equal(vsp_add_provider(instance, &bad, &error), status); \
	} while (0)
	REFUSED(VSP_E_ARGUMENT, bad.size = 0);
	REFUSED(VSP_E_ARGUMENT, bad.version = 0);
	REFUSED(VSP_E_UNSUPPORTED, bad.version = VSP_PROVIDER_VERSION + 1);
	REFUSED(VSP_E_ARGUMENT, bad.name = NULL);
	REFUSED(VSP_E_ARGUMENT, bad.kind = VSP_BACKEND_CPU);
	REFUSED(VSP_E_ARGUMENT, bad.operations = 1u << VSP_OPERATION_EMERGE);
	REFUSED(VSP_E_ARGUMENT, (bad.version = 1, bad.operations = 1u << VSP_OPERATION_LAUNCH));
	REFUSED(VSP_E_ARGUMENT, bad.run = NULL);
	REFUSED(VSP_E_ARGUMENT, (bad.run = NULL, bad.operations = 0, bad.emerge = NULL));
	REFUSED(VSP_E_ARGUMENT, bad.reserved = 1);
	REFUSED(VSP_E_ARGUMENT, bad.capability = 1u << 31);
	const char *const names[] = {"", "a\nb", "a\tb", "\x7f", "\xC3\xA4",
	        "0123456789012345678901234567890123456789012345678901234567890123", "cpu", "opencl", "cuda",
	        "onnxruntime"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		REFUSED(VSP_E_ARGUMENT, bad.name = names[i]);
	assert_string_equal(error.message, "the instance has a back end called 'onnxruntime' already");
	const double costs[] = {-1, NAN, INFINITY, -INFINITY};
	for (unsigned i = 0; i < sizeof costs / sizeof *costs; i++) {
		REFUSED(VSP_E_ARGUMENT, bad.launch_ns = costs[i]);
		REFUSED(VSP_E_ARGUMENT, bad.byte_ns = costs[i]);
		REFUSED(VSP_E_ARGUMENT, bad.work_ns[VSP_OPERATIONS - 1] = costs[i]);
	}
	assert_string_equal(error.message, "the table's costs must be finite and not negative");
	vsp_status status = VSP_OK;
	char name[] = "a0123456789012345678901234567890123456789012345678901234567890 ";
	good.name = name; /* of the greatest length; the host goes on using its memory */
	for (; *name < 'z' && status == VSP_OK; ++*name)
		status = vsp_add_provider(instance, &good, &error);
	assert_int_equal(status, VSP_E_ARGUMENT);
	assert_non_null(strstr(error.message, "at most"));
	name[0] = 'a';
	assert_int_equal(vsp_add_provider(instance, &good, &error), VSP_E_ARGUMENT);
	assert_non_null(strstr(error.message, "called 'a0123"));
	name[0] = 'z';
	assert_int_equal(vsp_add_provider(instance, &good, &error), VSP_E_ARGUMENT);
	assert_non_null(strstr(error.message, "at most"));
	assert_int_equal(call(instance, "map", VSP_OK, &error), 7);
	assert_int_equal(vsp_add_provider(instance, &good, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

/* Such a program has no back ends in memory; what is asked about them is answered all the same. */
static void a_program_without_operations_has_unused_back_ends(void **state)
{
	static const char plain[] = ".func one(0) -> 1\nMOVI R0, 1\nRET\n.end\n.export one\n";
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(plain, strlen(plain), NULL, &error);
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	vsp_module_free(module);
	assert_non_null(instance);
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	uint32_t count = 0;
	for (; vsp_stats_backend(instance, count, &stats) == VSP_OK; count++) {
		assert_string_equal(stats.name, vsp_backend_name(count));
		assert_string_equal(stats.reason, "");
		assert_string_equal(stats.placed, "");
		for (unsigned n = 0; n < VSP_OPERATIONS; n++)
			assert_int_equal(stats.operations[n], 0);
	}
	assert_null(vsp_backend_name(count));
	vsp_backend_refusal refusal = VSP_BACKEND_REFUSAL_INIT;
	assert_int_equal(vsp_stats_refusal(instance, 0, 0, &refusal), VSP_E_ARGUMENT);
	assert_int_equal(vsp_backends_prepare(instance, &error), VSP_OK);
	vsp_provider_table table = VSP_PROVIDER_TABLE_INIT;
	table.name = "late";
	table.kind = VSP_BACKEND_GPU;
	table.operations = 1u << VSP_OPERATION_VMAP;
	table.run = dsp_run;
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	assert_int_equal(vsp_stats_backend(instance, count, &stats), VSP_OK);
	assert_string_equal(stats.name, "late");
	int64_t result = 0;
	assert_int_equal(vsp_call(instance, "one", NULL, &result, &error), VSP_OK);
	assert_int_equal(result, 1);
	vsp_free(instance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_operation_reaches_the_host),
	        cmocka_unit_test(models_of_the_program_go_to_the_host),
	        cmocka_unit_test(models_are_given_before_the_first_run),
	        cmocka_unit_test(models_of_hosts_take_the_place_of_the_programs),
	        cmocka_unit_test(kernels_reach_the_host_with_their_ranges),
	        cmocka_unit_test(code_of_kernels_is_given_to_the_host),
	        cmocka_unit_test(what_a_host_cannot_check_runs_on_the_cpu),
	        cmocka_unit_test(models_that_are_declined_without_a_reason_trap_with_one),
	        cmocka_unit_test(each_failure_is_told),
	        cmocka_unit_test(one_that_cannot_be_opened_makes_nobody_wait),
	        cmocka_unit_test(tables_are_checked),
	        cmocka_unit_test(a_program_without_operations_has_unused_back_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
