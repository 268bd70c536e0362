/*
 * A host in C or C++ that a compiled program is linked into:
 *
 *     vspc --aot examples/hosts/energy.sil -o energy.a
 *     vspc --aot examples/hosts/energy.sil -o energy.h
 *     cc -Iinclude -I. examples/hosts/static.c energy.a -lm -pthread -o host && ./host
 */
#include <stdio.h>

#include "energy.h"

static int factor(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	(void)caller;
	(void)args;
	results[0] = 3;
	return VSP_OK;
}

int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	vsp_aot_instance *instance = vsp_aot_instantiate(&config, &error);
	if (!instance) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	int64_t ten = 10, by_zero[] = {1, 0}, result = 0;
	vsp_aot_define_import(instance, "host.factor", 0, 1, factor, NULL);
	if (sum_squares(instance, &ten, &result) == VSP_OK)
		printf("sum of squares: %lld\n", (long long)result);
	if (scale(instance, &ten, &result) == VSP_OK)
		printf("scaled: %lld\n", (long long)result);
	if (divide(instance, by_zero, &result) == VSP_TRAPPED)
		printf("trapped: %s in %s\n", vsp_aot_last_error(instance)->message,
		        vsp_aot_last_error(instance)->function);
	vsp_aot_free(instance);
	return 0;
}
