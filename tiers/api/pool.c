/*
 * Pools of instances. An instance that is given back is reset and waits, with its memory still
 * mapped and its compiled code, until somebody takes it again.
 *
 * Invariants. An instance of a pool belongs to its taker or is in the list of those that wait, and
 * has been reset then. The lock guards that list, the counts and closed. The pool goes with the
 * last of its owner and its instances.
 */
#include "api.h"

#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

struct vsp_pool {
	vsp_plat_mutex *lock;
	vsp_module *module;
	vsp_pool_config how; /* how.config is null: config is a copy */
	vsp_config config;
	char *cache, *npu; /* copies, to which config points */
	vsp_host host;     /* the same */
	uint32_t most;     /* instances at a time */
	uint32_t count;    /* instances that exist */
	vsp_pool_slot *waiting;
	bool closed; /* the owner has gone */
};

/* An instance's part in its pool. */
struct vsp_pool_slot {
	vsp_pool *pool;
	vsp_instance *instance;
	vsp_host host; /* as prepare has left it */
	vsp_pool_slot *next;
};

/* ---- the lock; no thread of this process holds it while a fork happens ---- */

static void lock(vsp_pool *pool)
{
	vsp_plat_fork_hold();
	vsp_plat_mutex_lock(pool->lock);
}

static void unlock(vsp_pool *pool)
{
	vsp_plat_mutex_unlock(pool->lock);
	vsp_plat_fork_release();
}

/* ---- creation of instances ---- */

static vsp_status out_of_memory(vsp_error *error) { return vsp_error_set(error, VSP_E_MEMORY, "out of memory"); }

/* What vsp_free does with an instance that no pool waits for. */
static void drop(vsp_pool_slot *slot)
{
	slot->instance->slot = NULL;
	vsp_free(slot->instance);
	vsp_free_memory(slot);
}

static vsp_status prepare(vsp_pool *pool, vsp_pool_slot *slot, vsp_error *error)
{
	vsp_instance *instance = slot->instance;
	vsp_status status = VSP_OK;
	if (pool->how.prepare)
		status = pool->how.prepare(pool->how.user, instance, error);
	if (status != VSP_OK)
		return vsp_error_set(
		        error, status, "the pool's function for new instances failed with %d", (int)status);
	slot->host = instance->rt.host;
	status = vsp_instance_link(instance, error);
	if (status == VSP_OK)
		status = vsp_reset(instance, error);
	vsp_backends_settle(&instance->rt);
	return status;
}

static void give(vsp_pool_slot *slot);

static vsp_pool_slot *make(vsp_pool *pool, vsp_error *error)
{
	vsp_pool_slot *slot = vsp_alloc(1, sizeof *slot);
	if (!slot) {
		out_of_memory(error);
		return NULL;
	}
	slot->pool = pool;
	slot->instance = pool->how.snapshot ? vsp_instantiate_from(pool->how.snapshot, &pool->config, error)
	                                    : vsp_instantiate(pool->module, &pool->config, error);
	if (!slot->instance) {
		vsp_free_memory(slot);
		return NULL;
	}
	slot->instance->slot = slot;
	slot->instance->give = give;
	if (prepare(pool, slot, error) == VSP_OK)
		return slot;
	drop(slot);
	return NULL;
}

/* ---- the pool ---- */

static void destroy(vsp_pool *pool)
{
	vsp_plat_mutex_destroy(pool->lock);
	vsp_snapshot_free((vsp_snapshot *)pool->how.snapshot);
	vsp_module_free(pool->module);
	vsp_free_memory(pool->cache);
	vsp_free_memory(pool->npu);
	vsp_free_memory(pool);
}

/* False: out of memory. */
static bool copy_text(const char **text, char **copy)
{
	size_t size = *text ? strlen(*text) + 1 : 0;
	if (!size)
		return true;
	*copy = vsp_alloc(size, 1);
	if (*copy)
		memcpy(*copy, *text, size);
	*text = *copy;
	return *copy != NULL;
}

static bool copy_config(vsp_pool *pool, const vsp_config *config)
{
	pool->config = (vsp_config)VSP_CONFIG_INIT;
	if (config)
		vsp_copy_sized(&pool->config, sizeof pool->config, config, config->size);
	pool->config.size = sizeof pool->config;
	if (pool->config.host) {
		vsp_copy_sized(&pool->host, sizeof pool->host, pool->config.host, pool->config.host->size);
		pool->host.size = sizeof pool->host;
		pool->config.host = &pool->host;
	}
	return copy_text(&pool->config.cache, &pool->cache) && copy_text(&pool->config.npu, &pool->npu);
}

/* How many instances the limits allow. */
static vsp_status find_most(vsp_pool *pool, vsp_error *error)
{
	enum { MOST = 1000 };
	uint64_t each = (uint64_t)pool->module->data->max_pages * VSP_PAGE, limit = pool->how.max_memory;
	if (pool->config.max_memory && pool->config.max_memory < each)
		each = pool->config.max_memory;
	uint64_t fit = limit && each ? limit / each : UINT32_MAX;
	pool->most = pool->how.max_instances ? pool->how.max_instances : MOST;
	if (fit < pool->most)
		pool->most = (uint32_t)fit;
	if (!pool->most)
		return vsp_error_set(error, VSP_E_MEMORY,
		        "an instance may grow to %llu KiB, but the pool's limit is %llu KiB; set config.max_memory",
		        (unsigned long long)each / 1024, (unsigned long long)limit / 1024);
	if (pool->how.ready > pool->most)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "%u instances are to be ready, but max_instances and max_memory allow %u",
		        (unsigned)pool->how.ready, (unsigned)pool->most);
	return VSP_OK;
}

/* The first instance shows whether the configuration is good. */
static vsp_status fill(vsp_pool *pool, vsp_error *error)
{
	uint32_t n = pool->how.ready ? pool->how.ready : 1;
	for (; pool->count < n; pool->count++) {
		vsp_pool_slot *slot = make(pool, error);
		if (!slot)
			return VSP_E_MEMORY; /* error tells */
		slot->next = pool->waiting;
		pool->waiting = slot;
	}
	return VSP_OK;
}

static vsp_status check(const vsp_module *module, const vsp_pool_config *config, vsp_error *error)
{
	if (!module)
		return vsp_error_set(error, VSP_E_ARGUMENT, "module is null");
	if (config && !config->size)
		return vsp_error_set(error, VSP_E_ARGUMENT, "config->size is 0; start from VSP_POOL_CONFIG_INIT");
	if (config && config->size >= sizeof *config && config->snapshot &&
	        vsp_snapshot_module(config->snapshot) != module)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the snapshot is of another module than the pool's");
	return VSP_OK;
}

vsp_pool *vsp_pool_new(vsp_module *module, const vsp_pool_config *config, vsp_error *error)
{
	vsp_pool_config own = VSP_POOL_CONFIG_INIT;
	vsp_error_clear(error);
	if (check(module, config, error) != VSP_OK)
		return NULL;
	if (config)
		vsp_copy_sized(&own, sizeof own, config, config->size);
	vsp_pool *pool = vsp_alloc(1, sizeof *pool);
	if (!pool || !(pool->lock = vsp_plat_mutex_create())) {
		vsp_free_memory(pool);
		out_of_memory(error);
		return NULL;
	}
	pool->module = vsp_module_retain(module);
	pool->how = own;
	pool->how.config = NULL;
	if (own.snapshot)
		vsp_snapshot_retain(own.snapshot);
	vsp_status status = copy_config(pool, own.config) ? VSP_OK : out_of_memory(error);
	if (status == VSP_OK && pool->config.observe & VSP_OBSERVE_TRACE)
		status = vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "a trace would show what all users of an instance did; trace instances without a pool");
	if (status == VSP_OK)
		status = find_most(pool, error);
	if (status == VSP_OK)
		status = fill(pool, error);
	if (status == VSP_OK)
		return pool;
	vsp_pool_free(pool);
	return NULL;
}

void vsp_pool_free(vsp_pool *pool)
{
	if (!pool)
		return;
	lock(pool);
	vsp_pool_slot *waiting = pool->waiting;
	for (vsp_pool_slot *slot = waiting; slot; slot = slot->next)
		pool->count--;
	pool->waiting = NULL;
	pool->closed = true;
	bool last = !pool->count;
	unlock(pool);
	for (vsp_pool_slot *slot = waiting, *next; slot; slot = next) {
		next = slot->next;
		drop(slot);
	}
	if (last)
		destroy(pool);
}

/* ---- taking and giving back ---- */

vsp_instance *vsp_pool_take(vsp_pool *pool, vsp_error *error)
{
	vsp_error_clear(error);
	if (!pool) {
		vsp_error_set(error, VSP_E_ARGUMENT, "pool is null");
		return NULL;
	}
	lock(pool);
	vsp_pool_slot *slot = pool->waiting;
	bool room = pool->count < pool->most;
	if (slot)
		pool->waiting = slot->next;
	else if (room)
		pool->count++;
	unlock(pool);
	if (slot)
		return slot->instance;
	if (!room) {
		vsp_error_set(error, VSP_E_MEMORY, "all %u instances that the pool may have are in use",
		        (unsigned)pool->most);
		return NULL;
	}
	if ((slot = make(pool, error)))
		return slot->instance;
	lock(pool);
	pool->count--;
	unlock(pool);
	return NULL;
}

static void forget_user(vsp_pool_slot *slot)
{
	vsp_instance *instance = slot->instance;
	instance->rt.host = slot->host;
	instance->doomed = false;
	if (instance->rt.stack.named_low)
		vsp_machine_stack_name(&instance->rt.stack, NULL, 0);
}

/* Resets an instance that is not running and lets it wait, or frees it. */
static void give(vsp_pool_slot *slot)
{
	vsp_pool *pool = slot->pool;
	forget_user(slot);
	bool clean = vsp_reset(slot->instance, NULL) == VSP_OK; /* which ends what is in progress */
	vsp_backends_forget(&slot->instance->rt);
	lock(pool);
	bool keep = clean && !pool->closed;
	if (keep) {
		slot->next = pool->waiting;
		pool->waiting = slot;
	} else {
		pool->count--;
	}
	bool last = pool->closed && !pool->count;
	unlock(pool);
	if (!keep)
		drop(slot);
	if (last)
		destroy(pool);
}
