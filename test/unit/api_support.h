/*
 * What the tests of the public API share: small programs, and an instance made from source. Include
 * after cmocka.h.
 */
#ifndef VSP_TEST_API_SUPPORT_H
#define VSP_TEST_API_SUPPORT_H

#include "test/support/instances.h"

static const char sum[] = "MOVI R0, 5\nMOVI R1, 10\nADD R0, R1\nHLT\n";

static const char functions[] = ".func add(2) -> 1\nADD R0, R1\nRET\n.end\n.export add\n"
                                ".func stop(0) -> 1\nMOVI R0, 9\nHLT\n.end\n.export stop\n"
                                ".func fail(1) -> 1\nMOVI R1, 0\nDIV R0, R1\nRET\n.end\n.export fail\n"
                                ".transform swap\nXCHG R0, RF\nRET\n.end\n.export swap\n"
                                ".func main\nHLT\n.end\n";

static const char printing[] = "MOVI R0, 42\nSYSCALL 2\nSYSCALL 0x0B\nMOVI R0, 'x'\nOUT R0, 0\nHLT\n";

static inline vsp_instance *instantiate(const char *source, const vsp_config *config)
{
	vsp_module *module = assemble(source);
	vsp_instance *instance = instantiate_with(module, config);
	vsp_module_free(module);
	return instance;
}

/* An import that fails. */
static inline int refuse(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return VSP_E_HOST;
}

#endif
