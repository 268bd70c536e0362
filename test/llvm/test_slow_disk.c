/*
 * Instances that are freed while their code is being stored in the cache, on a disk that takes for
 * ever: a replacement of the cache's storing function, put in by the linker, ends when the test
 * says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <unistd.h>

#include "runtime/platform/platform.h"
#include "test/support/instances.h"
#include "tiers/cache/cache.h"

static atomic_bool storing, released, stored;

void __wrap_vsp_cache_store(vsp_cache *c, const vsp_cache_unit *unit, const vsp_image *image, const char *files);

void __wrap_vsp_cache_store(vsp_cache *c, const vsp_cache_unit *unit, const vsp_image *image, const char *files)
{
	(void)unit, (void)image, (void)files;
	atomic_store(&storing, true);
	while (!atomic_load(&released))
		usleep(1000);
	vsp_cache_note(c, "the disk is slow"); /* the remaining entries of the cache are there */
	atomic_store(&stored, true);
}

static void freeing_does_not_wait_for_the_disk(void **unused)
{
	(void)unused;
	char folder[] = "/tmp/vsp_test_disk.XXXXXX";
	assert_non_null(mkdtemp(folder));
	vsp_config config = VSP_CONFIG_INIT;
	config.cache = folder;
	vsp_module *module = assemble(".func main() -> 1\nMOVI R1, 100000\nnext: MULI R0, R0, 3\nADDI R1, R1, -1\n"
	                              "BNZ R1, next\nRET\n.end\n");
	vsp_instance *instance = instantiate_with(module, &config);
	alarm(60); /* a vsp_free that waits does so for ever */
	while (!atomic_load(&storing))
		assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	vsp_free(instance);
	assert_false(atomic_load(&stored));
	atomic_store(&released, true);
	vsp_module_free(module);
	while (!atomic_load(&stored))
		usleep(1000);
	vsp_plat_remove_folder(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(freeing_does_not_wait_for_the_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
