/*
 * Back ends of a host, through the public headers alone: what they are asked, and what becomes of
 * each answer.
 */
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
	int opened, closed, ran, waited, interrupted, answer, open_answer, wait_answer;
	vsp_provider_op op;
} dsp;

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

/* VMAP writes 7s; VRED gives 9; INFER doubles bytes. */
static int dsp_run(void *state, const vsp_provider_op *op, char *reason, size_t size)
{
	assert_ptr_equal(state, &dsp);
	dsp.ran++;
	dsp.op = *op;
	if (dsp.answer) {
		snprintf(reason, size, "too hot");
		return dsp.answer;
	}
	for (uint64_t i = 0; i < op->count && op->operation != VSP_OPERATION_VRED; i++)
		op->memory[op->destination + i] =
		        op->operation == VSP_OPERATION_INFER ? (uint8_t)(2 * op->memory[op->source + i]) : 7;
	if (op->operation == VSP_OPERATION_VRED)
		*op->result = 9;
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
	snprintf(reason, size, "lost");
	return dsp.wait_answer;
}

static const char program[] =
        ".func map(2) -> 1\nHINT.GPU\nMOVI R2, 4\nVMAP.COPY R0, R1, R2\nLD8U R0, [R0]\nRET\n.end\n.export map\n"
        ".func later(2) -> 1\nHINT.GPU\nBATCH 1\nMOVI R2, 4\nVMAP.COPY R0, R1, R2\nUNBATCH\nLD8U R0, [R0]\nRET\n.end\n"
        ".export later\n.func fold(2) -> 1\nHINT.GPU\nMOVI R2, 4\nVRED.ADD R0, R1, R2\nRET\n.end\n.export fold\n"
        ".func infer(2) -> 1\nMOVI R2, 4\nMOVI R3, 0\nMOVI R4, 33\nST8 R4, [R1]\nINFER R3, R1, R0, R2\nLD8U R0, "
        "[R0]\nRET\n"
        ".end\n.export infer\n.func emerge(1) -> 1\nEMERGE\nRET\n.end\n.export emerge\n";

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
	table.operations &= ~(1u << VSP_OPERATION_INFER); /* its EMERGE is then on a model of its own */
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
	REFUSED(VSP_E_ARGUMENT, bad.operations = 1u << VSP_OPERATION_LAUNCH);
	REFUSED(VSP_E_ARGUMENT, bad.run = NULL);
	REFUSED(VSP_E_ARGUMENT, (bad.run = NULL, bad.operations = 0, bad.emerge = NULL));
	vsp_status status = VSP_OK;
	for (int i = 0; i < 20 && status == VSP_OK; i++)
		status = vsp_add_provider(instance, &good, &error);
	assert_int_equal(status, VSP_E_ARGUMENT);
	assert_non_null(strstr(error.message, "at most"));
	assert_int_equal(call(instance, "map", VSP_OK, &error), 7);
	assert_int_equal(vsp_add_provider(instance, &good, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_operation_reaches_the_host),
	        cmocka_unit_test(models_of_the_program_go_to_the_host),
	        cmocka_unit_test(each_failure_is_told),
	        cmocka_unit_test(tables_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
