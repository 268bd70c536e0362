/*
 * The keys of the code cache, see key.h. Of the module everything is hashed on which code depends,
 * or could depend: all but names, lines, data and models. Numbers are hashed with their widths, and
 * items of variable length with their count in front, so that no two inputs look alike.
 */
#include "key.h"

#include <string.h>

#include "runtime/platform/platform.h"
#include "runtime/base/sha256.h"

static void add(vsp_sha256 *hash, uint64_t number) { vsp_sha256_update(hash, &number, sizeof number); }

static void add_bytes(vsp_sha256 *hash, const void *bytes, size_t size)
{
	add(hash, size);
	vsp_sha256_update(hash, bytes, size);
}

/*
 * The tables of functions, which code assumes to be as they are, and the number of globals, whose
 * values it reads at run time.
 */
static void add_tables(vsp_sha256 *hash, const vsp_module_data *m)
{
	const vsp_payloads *p = &m->payloads;
	add(hash, m->global_count);
	add(hash, m->type_count);
	for (uint32_t i = 0; i < m->type_count; i++)
		add(hash, (uint64_t)m->types[i].params << 16 | m->types[i].results);
	add(hash, p->func_types != NULL);
	if (p->func_types)
		add_bytes(hash, p->func_types, 2 * (size_t)m->func_count);
	add(hash, p->table_count);
	for (uint32_t t = 0; t < p->table_count; t++)
		add(hash, (uint64_t)p->table_list[t].size << 32 | p->table_list[t].used);
	add(hash, m->run_count);
	for (uint32_t i = 0; i < m->run_count; i++) {
		add(hash, (uint64_t)m->runs[i].table << 32 | m->runs[i].start);
		add_bytes(hash, m->runs[i].functions, 4 * (size_t)m->runs[i].count);
	}
}

static void add_module(vsp_sha256 *hash, const vsp_module_data *m)
{
	add_bytes(hash, m->code, m->code_size);
	add(hash, m->func_count);
	for (uint32_t i = 0; i < m->func_count; i++) {
		const vsp_func *f = &m->funcs[i];
		add(hash, (uint64_t)f->start << 32 | f->size);
		add(hash, (uint64_t)f->params | f->results << 8 | f->kind << 16 | (uint64_t)f->flags << 24);
	}
	add(hash, m->entry_func);
	add(hash, m->mode);
	add(hash, m->initial_pages);
	add(hash, m->max_pages);
	add(hash, m->stack_top);
	add(hash, m->import_count);
	for (uint32_t i = 0; i < m->import_count; i++)
		add(hash, (uint64_t)m->imports[i].params << 8 | m->imports[i].results);
	add_tables(hash, m);
}

bool vsp_cache_key(
        uint8_t key[VSP_CACHE_KEY], const vsp_module_data *module, const vsp_lower_options *lower, unsigned count)
{
	static_assert(_Alignof(vsp_lower_options) == 1, "the options are bytes without gaps, and are hashed as such");
	uint8_t processor[VSP_PLAT_PROCESSOR];
	size_t known = vsp_plat_processor(processor);
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	add_bytes(&hash, vsp_build_id, strlen(vsp_build_id));
	add_bytes(&hash, processor, known);
	add(&hash, sizeof(vsp_rt));
	add(&hash, vsp_plat_page_size());
	add_bytes(&hash, lower, count * sizeof *lower);
	add_module(&hash, module);
	vsp_sha256_bytes(&hash, key);
	return known != 0;
}
