/*
 * A server in small: for each request it takes an instance from a pool, calls a function by its
 * handle, and gives the instance back. All instances start from a snapshot, so that the program's
 * initialisation runs once.
 *
 *     cc -Iinclude examples/hosts/requests.c -lvsp -o requests
 *     ./requests examples/hosts/requests.sil
 */
#include <inttypes.h>
#include <stdio.h>

#include <vsp/vsp.h>

enum { REQUESTS = 5 };

static int host_log(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller, (void)results;
	fprintf(user, "log: %" PRId64 " -> %" PRId64 "\n", args[0], args[1]);
	return VSP_OK;
}

/* Each instance of the pool gets its imports here, once. */
static vsp_status define_imports(void *user, vsp_instance *instance, vsp_error *error)
{
	return vsp_define_import(instance, "host.log", 2, 0, host_log, user, error);
}

/* Runs the program's initialisation in an instance of its own. */
static vsp_snapshot *initialise(vsp_module *module, vsp_error *error)
{
	vsp_snapshot *snapshot = NULL;
	vsp_instance *first = vsp_instantiate(module, NULL, error);
	if (first && define_imports(stdout, first, error) == VSP_OK &&
	        vsp_call(first, "initialise", NULL, NULL, error) == VSP_OK)
		snapshot = vsp_snapshot_new(first, error);
	vsp_free(first);
	return snapshot;
}

/* results: the answer, and how many requests this instance's memory knows of: always 1. */
static vsp_status answer(vsp_pool *pool, const vsp_function *function, int64_t request, vsp_error *error)
{
	int64_t results[2];
	vsp_instance *instance = vsp_pool_take(pool, error);
	if (!instance)
		return error->code;
	vsp_status status = vsp_call_function(instance, function, &request, results, error);
	vsp_free(instance);
	if (status == VSP_OK)
		printf("%" PRId64 ": %" PRId64 ", asked %" PRId64 " time\n", request, results[0], results[1]);
	return status;
}

static int serve(vsp_module *module, vsp_error *error)
{
	vsp_function function = VSP_FUNCTION_INIT;
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	vsp_status status = vsp_module_lookup(module, "answer", 1, 2, &function, error);
	vsp_snapshot *snapshot = status == VSP_OK ? initialise(module, error) : NULL;
	how.max_instances = 4;
	how.snapshot = snapshot;
	how.prepare = define_imports;
	how.user = stdout;
	vsp_pool *pool = snapshot ? vsp_pool_new(module, &how, error) : NULL;
	for (int64_t i = 1; pool && i <= REQUESTS; i++)
		status = answer(pool, &function, 10 * i, error);
	vsp_pool_free(pool);
	vsp_snapshot_free(snapshot);
	return pool && status == VSP_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = argc == 2 ? vsp_module_load_file(argv[1], NULL, &error) : NULL;
	int failed = module ? serve(module, &error) : 1;
	if (failed)
		fprintf(stderr, "%s\n", argc == 2 ? error.message : "usage: requests FILE");
	vsp_module_free(module);
	return failed;
}
