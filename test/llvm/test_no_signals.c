/*
 * Hosts that want no signal handlers: none is installed in any tier, accesses are checked all the
 * same, and loops can be interrupted. In a process of its own, since handlers stay installed.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "test/support/instances.h"

static const char program[] =
        "\t.export beyond\n\t.func beyond\n\tMOVI R0, 0x7fffffff\n\tLOAD R1, [R0]\n\tRET\n\t.end\n"
        "\t.export spin\n\t.func spin\nagain:\tADDI R0, R0, 1\n\tJMP again\n\t.end\n"
        "\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static const int signals[] = {SIGSEGV, SIGBUS, SIGURG};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction before[SIGNALS]; /* CMocka has some */

static void assert_no_handlers(void)
{
	for (unsigned i = 0; i < SIGNALS; i++) {
		struct sigaction now;
		assert_int_equal(sigaction(signals[i], NULL, &now), 0);
		assert_int_equal(now.sa_flags, before[i].sa_flags);
		assert_ptr_equal(now.sa_handler, before[i].sa_handler);
	}
}

enum { SHORTEST_MS = 1, LONGEST_MS = 30000 };
static long wait_ms; /* until the next interrupt */

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000}, NULL);
	vsp_interrupt(instance);
	return NULL;
}

/* Interrupts calls of an exported function, later each time, until one was in code of the tier
   (any, if negative): to compile it may take longer than the interrupt does. */
static void interrupt_in_tier(vsp_instance *instance, const char *name, int tier)
{
	for (wait_ms = SHORTEST_MS; wait_ms < LONGEST_MS; wait_ms += wait_ms / 2) {
		vsp_error error = VSP_ERROR_INIT;
		pthread_t other;
		assert_int_equal(pthread_create(&other, NULL, interrupt_soon, instance), 0);
		assert_int_equal(vsp_call(instance, name, NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
		pthread_join(other, NULL);
		int in = (int)state_of(instance).tier;
		assert_int_equal(vsp_reset(instance, &error), VSP_OK);
		if (tier < 0 || in == tier)
			return;
	}
	fail_msg("%s was never in code of tier %d", name, tier);
}

static void no_tier_installs_a_handler(void **state)
{
	static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1, VSP_TIER_2, VSP_TIER_AUTO};
	(void)state;
	for (unsigned i = 0; i < SIGNALS; i++)
		assert_int_equal(sigaction(signals[i], NULL, &before[i]), 0);
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < sizeof tiers / sizeof *tiers; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		vsp_error error = VSP_ERROR_INIT;
		config.tier = tiers[i];
		config.sync_compile = 1;
		config.no_signals = 1;
		vsp_instance *instance = instantiate_with(module, &config);
		assert_int_equal(vsp_call(instance, "beyond", NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
		/* Tier auto goes as far as time allows. */
		interrupt_in_tier(instance, "spin",
		        tiers[i] == VSP_TIER_AUTO     ? -1
		        : tiers[i] == VSP_TIER_INTERP ? 0
		                                      : tiers[i]);
		assert_no_handlers();
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Writes a program of LEVELS subroutines, each of which calls the next twice: 2^40 CALLs, no
   loop. */
enum { LEVELS = 40, TREE = 4096 };
static void write_tree(char text[TREE])
{
	int n = snprintf(text, TREE, ".export tree\n.func main\nHLT\n.end\n.func tree\nCALL s1\nRET\n");
	for (int i = 1; i <= LEVELS; i++)
		n += snprintf(text + n, TREE - (size_t)n, "s%d: CALL s%d\nCALL s%d\nRET\n", i, i + 1, i + 1);
	snprintf(text + n, TREE - (size_t)n, "s%d: ADDI R0, R0, 1\nRET\n.end\n", LEVELS + 1);
}

static void a_tree_of_calls_can_be_interrupted(void **state)
{
	static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1}; /* tier 2 takes longer to compile it */
	(void)state;
	char text[TREE];
	write_tree(text);
	vsp_module *module = assemble(text);
	for (unsigned i = 0; i < sizeof tiers / sizeof *tiers; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.tier = tiers[i];
		config.sync_compile = 1;
		config.no_signals = 1;
		vsp_instance *instance = instantiate_with(module, &config);
		interrupt_in_tier(instance, "tree", tiers[i] == VSP_TIER_INTERP ? 0 : tiers[i]);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void guard_pages_need_a_handler(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	config.no_signals = 1;
	config.bounds = VSP_CONFIG_BOUNDS_GUARD;
	assert_null(vsp_instantiate(module, &config, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_tier_installs_a_handler),
	        cmocka_unit_test(a_tree_of_calls_can_be_interrupted),
	        cmocka_unit_test(guard_pages_need_a_handler),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
