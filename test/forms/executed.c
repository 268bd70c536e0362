/*
 * Checks that programs execute all forms that the generated program (forms.c) leaves to them:
 *
 *     forms --left | executed PROGRAM...
 *
 * Each program runs step by step in tier 0, with WASI and a host that takes everything and gives
 * nothing; an instruction that traps counts as executed. Prints the forms that no program executes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ir/opcode.h"
#include "tiers/api/api.h"

enum { STEPS = 1000000, MNEMONIC_MAX = 32 }; /* at most, of one program */

static bool executed[VSP_FORMS];

static void mark(const vsp_module_data *data, uint32_t pc)
{
	vsp_insn i;
	if (pc < data->code_size && !vsp_insn_decode(data->code, data->code_size, pc, &i))
		executed[i.form] = true;
}

/* ---- the host ---- */

static int read_byte(void *user, uint32_t number, int32_t *value)
{
	(void)user, (void)number;
	*value = -1;
	return 0;
}

static int take_byte(void *user, uint32_t number, uint8_t value)
{
	(void)user, (void)number, (void)value;
	return 0;
}

static int sync(void *user, uint32_t id)
{
	(void)user, (void)id;
	return 0;
}

static int yield(void *user, vsp_caller *caller)
{
	(void)user, (void)caller;
	return 0;
}

static int broadcast(void *user, uint32_t channel, const uint8_t state[16])
{
	(void)user, (void)channel, (void)state;
	return 0;
}

static int receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	(void)user, (void)channel, (void)state;
	*received = 0;
	return 0;
}

static int entangle(void *user, uint32_t a, uint32_t b, int64_t x, int64_t y)
{
	(void)user, (void)a, (void)b, (void)x, (void)y;
	return 0;
}

static int print(void *user, const char *text, size_t length)
{
	(void)user, (void)text, (void)length;
	return 0;
}

static const vsp_host host = {.size = sizeof host,
        .yield = yield,
        .in = read_byte,
        .out = take_byte,
        .sense = read_byte,
        .act = take_byte,
        .sync = sync,
        .broadcast = broadcast,
        .receive = receive,
        .entangle = entangle,
        .print = print};

/* ---- running ---- */

static void run(vsp_module *module)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.capabilities = VSP_CAP_STDIO;
	vsp_instance *instance = vsp_instantiate(module, &config, NULL);
	vsp_wasi *wasi = vsp_wasi_new(NULL, NULL);
	vsp_state_view state = VSP_STATE_INIT;
	vsp_status status = instance && wasi ? vsp_set_host(instance, &host) : VSP_E_MEMORY;
	if (status == VSP_OK)
		status = vsp_wasi_define(wasi, instance, NULL);
	mark(module->data, module->data->entry);
	for (unsigned n = 0; n < STEPS && status == VSP_OK; n++) {
		status = vsp_step(instance, NULL);
		vsp_state(instance, &state);
		if (status == VSP_OK || status == VSP_TRAPPED)
			mark(module->data, state.pc);
	}
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

static bool run_file(const char *path)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load_file(path, NULL, &error);
	if (!module) {
		fprintf(stderr, "%s\n", error.message);
		return false;
	}
	run(module);
	vsp_module_free(module);
	return true;
}

/* The forms on the list that were not executed; -1: no list. */
static int report(void)
{
	int form, missing = 0, read = 0;
	char mnemonic[MNEMONIC_MAX];
	while (scanf("%d %31s", &form, mnemonic) == 2 && form >= 0 && form < VSP_FORMS) {
		read++;
		if (!executed[form]) {
			fprintf(stderr, "neither in test/forms nor in a program: %s\n", mnemonic);
			missing++;
		}
	}
	return read ? missing : -1;
}

int main(int argc, char **argv)
{
	bool loaded = true;
	for (int i = 1; i < argc; i++)
		loaded = run_file(argv[i]) && loaded;
	return loaded && report() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
