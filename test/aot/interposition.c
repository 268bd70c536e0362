/*
 * Tests two compiled programs whose shared objects are in the loader's global scope, where the
 * names of the first are found for both: interposition ONE.so TWO.so, which add 1 and multiply by
 * 1000. Each must run its own code all the same.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

static void find(void *library, void *fn, const char *name)
{
	void *symbol = dlsym(library, name);
	memcpy(fn, &symbol, sizeof symbol);
}

/* All entry points give the program's own result; 0 when they do. */
static int check(const char *path, int64_t expected)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	vsp_status (*run)(vsp_aot_instance *), (*f)(vsp_aot_instance *, const int64_t *, int64_t *);
	int64_t (*reg)(vsp_aot_instance *, unsigned), argument = 7, named = -1, direct = -1;
	void (*release)(vsp_aot_instance *);
	if (!library)
		return fprintf(stderr, "FAIL: %s\n", dlerror()), 1;
	find(library, &instantiate, "vsp_aot_instantiate");
	find(library, &call, "vsp_aot_call");
	find(library, &run, "vsp_aot_run");
	find(library, &reg, "vsp_aot_register");
	find(library, &release, "vsp_aot_free");
	find(library, &f, "f");
	vsp_aot_instance *instance = instantiate(NULL, NULL);
	vsp_status status = call(instance, "f", &argument, &named);
	int wrong = status != VSP_OK || named != expected;
	status = f(instance, &argument, &direct);
	wrong |= status != VSP_OK || direct != expected;
	wrong |= run(instance) != VSP_OK || reg(instance, 0) != expected; /* main calls f */
	if (wrong)
		fprintf(stderr,
		        "FAIL: %s: f(7) is %lld by name and %lld directly, main ends with %lld; %lld is right\n", path,
		        (long long)named, (long long)direct, (long long)reg(instance, 0), (long long)expected);
	release(instance);
	return wrong;
}

int main(int argc, char **argv)
{
	int wrong = argc != 3;
	if (argc == 3)
		wrong |= check(argv[1], 8) | check(argv[2], 7000);
	puts(wrong ? "FAIL" : "all as expected");
	return wrong;
}
