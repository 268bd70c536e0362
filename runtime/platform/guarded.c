/*
 * Blocks of memory between inaccessible pages, see guarded.h.
 */
#include "guarded.h"

#include "runtime/base/alloc.h"
#include "platform.h"

bool vsp_guarded_create(vsp_guarded *g, size_t count, size_t size)
{
	uint64_t page = vsp_plat_page_size(), bytes = (uint64_t)count * size, whole = (bytes + page - 1) / page * page;
	*g = (vsp_guarded){.reserved = whole + 2 * page};
	g->reservation = vsp_plat_reserve(g->reserved);
	if (g->reservation && vsp_plat_commit((char *)g->reservation + page, whole)) {
		g->block = (char *)g->reservation + page + (whole - bytes);
		return true;
	}
	vsp_guarded_destroy(g);
	g->block = vsp_alloc(count, size);
	return g->block != NULL;
}

void vsp_guarded_destroy(vsp_guarded *g)
{
	if (g->reservation)
		vsp_plat_release(g->reservation, g->reserved);
	else
		vsp_free_memory(g->block);
	*g = (vsp_guarded){NULL, NULL, 0};
}
