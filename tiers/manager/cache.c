/*
 * The part of the tier manager that loads code from the cache and stores code in it. The instance's
 * thread looks for code that an earlier process left, because loading takes only microseconds: it
 * looks for units that were in the cache at the start as soon as they are reached, whatever the
 * counts say, and for other units before they are queued. The compile thread stores what it has
 * compiled, after it has published it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "runtime/base/alloc.h"

bool vsp_manager_open_cache(vsp_manager *m, vsp_error *error)
{
	const uint64_t mib = 1 << 20;
	if (!m->options.cache || m->options.tally || m->options.observe & VSP_OBSERVE_CODE)
		return true;
	uint64_t limit = m->options.cache_limit ? m->options.cache_limit : KNOB_CACHE_MIB * mib;
	m->cache = vsp_cache_open(m->options.cache, limit, m->module, &m->lower[1], TIERS - 1, error);
	return m->cache != NULL;
}

void vsp_manager_close_cache(vsp_manager *m)
{
	vsp_cache_close(m->cache);
	m->cache = NULL;
	vsp_free_memory(m->compiler_files);
	m->compiler_files = NULL;
}

/* ---- loading: the instance's thread ---- */

static vsp_cache_unit key_of(const vsp_manager_unit *u, int tier)
{
	return (vsp_cache_unit){u->func, u->pc, (uint32_t)tier};
}

bool vsp_manager_from_cache(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	if (!m->cache || u->looked_up[tier] || u->requested[tier])
		return false;
	uint64_t start = vsp_plat_clock_ns();
	vsp_cache_unit key = key_of(u, tier);
	vsp_slab *slab = vsp_manager_slab(m);
	u->looked_up[tier] = true;
	if (!slab || !vsp_cache_load(m->cache, &key, slab, &u->built[tier]))
		return false;
	u->built[tier].link_ns = vsp_plat_clock_ns() - start;
	u->requested[tier] = true;
	vsp_manager_show(m, u, tier, VSP_TRACE_LOAD, 0, NULL);
	vsp_manager_publish(m, u, tier);
	return true;
}

void vsp_manager_look_up(vsp_manager *m, vsp_manager_unit *u)
{
	if (!m->cache || u->reached || m->options.tier)
		return;
	u->reached = true;
	for (int tier = TIERS - 1; tier > 0; tier--) {
		vsp_cache_unit key = key_of(u, tier);
		if (vsp_cache_knows(m->cache, &key) && vsp_manager_from_cache(m, u, tier))
			return;
	}
}

bool vsp_manager_may_load(const vsp_manager *m, uint32_t func, bool loop)
{
	vsp_cache_unit unit;
	for (uint32_t n = 0; m->cache && vsp_cache_unit_of(m->cache, func, n, &unit); n++)
		if (loop == (unit.pc != m->module->funcs[func].start))
			return true;
	return false;
}

/* ---- storing: the compile thread ---- */

/* Appends the line of one file. False: there are no more files, or this one is not known. */
static bool add_file(const vsp_manager *m, unsigned index, char *text, size_t size)
{
	char path[VSP_CACHE_PATH];
	vsp_plat_stamp stamp;
	size_t used = strlen(text);
	if (!m->api->file(index, path, sizeof path) || strchr(path, '\n') || !vsp_plat_file_stamp(path, &stamp))
		return false;
	int n = snprintf(text + used, size - used, "%" PRIu64 " %" PRId64 " %s\n", stamp.size, stamp.changed_ns, path);
	if (n > 0 && (size_t)n < size - used)
		return true;
	text[used] = 0;
	return false;
}

/* The compiler's files, as entries of the cache name them; null: they are not known. */
static const char *compiler_files(vsp_manager *m)
{
	enum { ROOM = 2 * VSP_CACHE_PATH + 128 };
	if (!m->compiler_files)
		m->compiler_files = vsp_alloc(ROOM, 1);
	if (m->compiler_files && !*m->compiler_files)
		for (unsigned i = 0; add_file(m, i, m->compiler_files, ROOM); i++)
			;
	return m->compiler_files ? m->compiler_files : "";
}

void vsp_manager_keep(vsp_manager *m, const vsp_manager_unit *u, int tier)
{
	if (!m->cache)
		return;
	const char *why = NULL, *files = compiler_files(m);
	vsp_image *image = m->api->take_image(m->jit, &why);
	vsp_cache_unit key = key_of(u, tier);
	if (!image)
		vsp_cache_note(m->cache, why);
	else if (!*files)
		vsp_cache_note(m->cache, "the compiler's own files cannot be found");
	else
		vsp_cache_store(m->cache, &key, image, files);
	m->api->free_image(image);
}
