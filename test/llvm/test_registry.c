/*
 * gdb's list of compiled code: filled while an instance that asked for it lives, empty afterwards,
 * untouched by others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

/* gdb's interface, from its manual. */
struct jit_code_entry {
	struct jit_code_entry *next_entry, *prev_entry;
	const char *symfile_addr;
	uint64_t symfile_size;
};
struct jit_descriptor {
	uint32_t version, action_flag;
	struct jit_code_entry *relevant_entry, *first_entry;
};
extern struct jit_descriptor __jit_debug_descriptor;

static vsp_instance *run(uint8_t observe)
{
	static const char source[] =
	        ".func main() -> 0\nMOVI R0, 3\nINVOKE twice\nRET\n.end\n.func twice(1) -> 1\nADD R0, R0\nRET\n.end\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_1;
	config.sync_compile = 1;
	config.observe = observe;
	vsp_module *module = vsp_assemble(source, sizeof source - 1, NULL, &error);
	assert_non_null(module);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	vsp_module_free(module);
	assert_non_null(instance);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	return instance;
}

static unsigned entries(void)
{
	unsigned n = 0;
	const struct jit_code_entry *last = NULL;
	for (const struct jit_code_entry *e = __jit_debug_descriptor.first_entry; e; last = e, e = e->next_entry, n++) {
		assert_ptr_equal(e->prev_entry, last);
		assert_memory_equal(e->symfile_addr,
		        "\x7F"
		        "ELF",
		        4);
		assert_true(e->symfile_size > 64);
	}
	return n;
}

static void code_is_registered_while_it_lives(void **unused)
{
	(void)unused;
	assert_int_equal(__jit_debug_descriptor.version, 1);
	vsp_instance *first = run(VSP_OBSERVE_GDB);
	assert_int_equal(entries(), 2);
	vsp_instance *second = run(VSP_OBSERVE_GDB), *other = run(0);
	assert_int_equal(entries(), 4);
	vsp_free(first);
	assert_int_equal(entries(), 2);
	vsp_free(other);
	vsp_free(second);
	assert_int_equal(entries(), 0);
	assert_int_equal(__jit_debug_descriptor.action_flag, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(code_is_registered_while_it_lives)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
