/*
 * A host in C that opens a compiled program: cc -Iinclude examples/hosts/dlopen.c -o host -ldl &&
 * ./host ./energy.so
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

/* A pointer to a function from dlsym: ISO C has no conversion, so its bytes are copied. */
#define FIND(library, fn, name) \
	do { \
		void *symbol_ = dlsym(library, name); \
		memcpy(&(fn), &symbol_, sizeof symbol_); \
	} while (0)

static int factor(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller;
	(void)args;
	results[0] = *(const int64_t *)user;
	return VSP_OK;
}

int main(int argc, char **argv)
{
	void *library = dlopen(argc > 1 ? argv[1] : "./energy.so", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*define_import)(vsp_aot_instance *, const char *, uint32_t, uint32_t, vsp_import_fn, void *);
	vsp_status (*sum_squares)(vsp_aot_instance *, const int64_t *, int64_t *);
	vsp_status (*scale)(vsp_aot_instance *, const int64_t *, int64_t *);
	vsp_status (*divide)(vsp_aot_instance *, const int64_t *, int64_t *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
	FIND(library, instantiate, "vsp_aot_instantiate");
	FIND(library, define_import, "vsp_aot_define_import");
	FIND(library, sum_squares, "sum_squares");
	FIND(library, scale, "scale");
	FIND(library, divide, "divide");
	FIND(library, last_error, "vsp_aot_last_error");
	FIND(library, release, "vsp_aot_free");

	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	vsp_aot_instance *instance = instantiate(&config, &error);
	if (!instance) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	int64_t three = 3, ten = 10, by_zero[] = {1, 0}, result = 0;
	define_import(instance, "host.factor", 0, 1, factor, &three);
	if (sum_squares(instance, &ten, &result) == VSP_OK)
		printf("sum of squares: %lld\n", (long long)result);
	if (scale(instance, &ten, &result) == VSP_OK)
		printf("scaled: %lld\n", (long long)result);
	if (divide(instance, by_zero, &result) == VSP_TRAPPED)
		printf("trapped: %s in %s\n", last_error(instance)->message, last_error(instance)->function);
	release(instance);
	return 0;
}
