/*
 * Room for the sources of batch operations that overlap their destinations, kept from one operation
 * to the next, and how much is kept in all.
 */
#include "provider.h"

#include "runtime/base/alloc.h"
#include "vector.h"

uint8_t *vsp_backends_scratch(vsp_rt *rt, uint64_t size)
{
	vsp_backends *backends = rt->backends;
	if (size <= backends->scratch_size)
		return backends->scratch;
	if (size > SIZE_MAX || !vsp_account_take(&rt->account, size))
		return NULL;
	uint8_t *fresh = vsp_alloc((size_t)size, 1);
	vsp_account_give(&rt->account, fresh ? backends->scratch_size : size);
	if (!fresh)
		return NULL;
	vsp_free_memory(backends->scratch);
	backends->scratch = fresh;
	backends->scratch_size = (size_t)size;
	return fresh;
}

void vsp_backends_release(vsp_rt *rt)
{
	vsp_backends *b = rt->backends;
	vsp_account_give(&rt->account, vsp_backends_kept(b));
	vsp_free_memory(b->scratch);
	vsp_free_memory(b->distances);
	b->scratch = NULL;
	b->distances = NULL;
	b->scratch_size = 0;
}

size_t vsp_backends_kept(const vsp_backends *backends)
{
	if (!backends)
		return 0;
	return backends->scratch_size + (backends->distances ? VSP_DISTANCES * sizeof *backends->distances : 0);
}
