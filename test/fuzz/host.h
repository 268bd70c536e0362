/*
 * A host that makes every allowed call: it answers with any number and any status, calls the
 * library from its callbacks to any depth, interrupts, and frees the instance that is running.
 * Random numbers decide; nothing is done that vsp.h forbids.
 */
#ifndef VSP_TEST_FUZZ_HOST_H
#define VSP_TEST_FUZZ_HOST_H

#include <vsp/vsp.h>

#include "test/support/mutate.h"

typedef struct fuzz_host {
	vsp_host callbacks;
	mutate_random random;
	vsp_instance *instance; /* the running instance, for callbacks without that argument; set before it runs */
	unsigned depth;
	int freed; /* the instance is freed when its outermost run or call returns */
	int may_free;
} fuzz_host;

void fuzz_host_init(fuzz_host *host, uint64_t seed);
/* An import of any signature with at most one result. */
int fuzz_host_import(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);

#endif
