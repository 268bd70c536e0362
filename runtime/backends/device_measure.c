/*
 * The constants of the cost model (choice.c) for a device, measured on it: what it takes to begin a
 * kernel and see its end, to move bytes both ways, and to compute what each instruction needs. The
 * device is opened once more for this, so that nothing of a program's is touched.
 *
 * Each time is the best of several, the first of which is not counted: drivers do part of their
 * work when something first runs.
 */
#include "device.h"

#include <stdio.h>
#include <string.h>

#include "runtime/arith/device_work.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

enum {
	MOVED = 4 << 20,                                      /* bytes that travel, and that VMAP has */
	GRADIENTS = MOVED / 64,                               /* states, whose gradients have as many bytes */
	MIRROR = 2 * MOVED,                                   /* destination and source */
	ATTEMPTS = 5,                                         /* at most, */
	ENOUGH_NS = 50000000,                                 /* within this time */
	LAYERS = 16,                                          /* work items of a state */
	PARTIAL = sizeof((vsp_device_record *)NULL)->partial, /* work items of VRED */
	WORKERS = 1 << 18,                                    /* work items that stand for a kernel's iterations */
	NEVER_NS = 1000000                                    /* an item of what the device does not compute exactly */
};

typedef struct gauge {
	const vsp_device_driver *driver;
	void *device;
	uint32_t exact;
	uint8_t *bytes;
	const char *why; /* the first failure */
} gauge;

/* What is measured: a kernel on some items, or if there is none a copy. */
typedef struct probe {
	void *kernel;
	uint64_t items, budget;
	bool down;
} probe;

/* ---- times ---- */

static const char *begin(gauge *g, const probe *p)
{
	vsp_device_arguments a = {
	        .size = MIRROR, .count = p->items, .argument = (uint64_t)MOVED << 32, .budget = p->budget};
	if (p->kernel)
		return g->driver->launch(g->device, p->kernel, &a);
	return p->down ? g->driver->download(g->device, 0, g->bytes, MOVED)
	               : g->driver->upload(g->device, 0, g->bytes, MOVED, false);
}

/* Once, from its beginning to its end. */
static double time_once(gauge *g, const probe *p)
{
	vsp_device_record record = {0};
	uint64_t start = vsp_plat_clock_ns();
	if (!g->why)
		g->why = begin(g, p);
	if (!g->why)
		g->why = g->driver->finish(g->device, &record);
	return (double)(vsp_plat_clock_ns() - start);
}

static double time_best(gauge *g, const probe *p)
{
	uint64_t start = vsp_plat_clock_ns();
	time_once(g, p);
	double best = time_once(g, p);
	for (int i = 2; i < ATTEMPTS && vsp_plat_clock_ns() - start < ENOUGH_NS; i++) {
		double ns = time_once(g, p);
		best = ns < best ? ns : best;
	}
	return best;
}

/* The part of a time that comes for each item. */
static double share(double ns, double launch_ns, double items) { return ns > launch_ns ? (ns - launch_ns) / items : 0; }

/* ---- kernels ---- */

static const char *make_kernel(gauge *g, const vsp_device_code *code, unsigned item, void **kernel)
{
	char name[32];
	void *unit;
	snprintf(name, sizeof name, VSP_DEVICE_KERNEL, (unsigned)VSP_DEVICE_ITEM(item));
	const char *why = g->driver->load(g->device, code, &unit);
	return why ? why : g->driver->entry(g->device, unit, name, kernel);
}

/* The kernel that is item. Null: there is none, or the device does not compute it exactly. */
static void *find_kernel(gauge *g, const vsp_device_source *source, unsigned item)
{
	vsp_device_code code = {0};
	void *kernel = NULL;
	if (g->why)
		return NULL;
	g->why = source->get ? source->get(source->user, g->driver->format, VSP_DEVICE_ITEM(item), &code)
	                     : "there is no device code";
	if (!g->why && !(code.needs & ~g->exact & (VSP_DEVICE_F64 | VSP_DEVICE_F32)))
		g->why = make_kernel(g, &code, item, &kernel);
	if (source->free)
		source->free(&code);
	return kernel;
}

/* ---- the constants ---- */

/* What is measured of each kind: an item of device_items.c, and on how much. */
static const struct piece {
	uint8_t kind;
	unsigned item;
	uint64_t items;  /* work items */
	double counted;  /* states, bytes, or instructions */
	uint64_t budget; /* what else the item takes */
} pieces[] = {
        {VSP_BATCH_VMAP, VSP_ITEM_VMAP, MOVED, MOVED, 0}, /* its first selector is MUL */
        {VSP_BATCH_VRED, VSP_ITEM_VRED_XOR, PARTIAL, MOVED, MOVED},
        {VSP_BATCH_GRADB, VSP_ITEM_GRADB, GRADIENTS * LAYERS, GRADIENTS, 0},
        {VSP_BATCH_DESCB, VSP_ITEM_DESCB, GRADIENTS * LAYERS, GRADIENTS, 0},
        {VSP_BATCH_LAUNCH, VSP_ITEM_WORK, WORKERS, (double)WORKERS * VSP_WORK_INSTRUCTIONS, 0},
};

/* The first kernel, of one item, tells what beginning takes. */
static void measure_piece(gauge *g, const vsp_device_source *source, const struct piece *piece, vsp_costs *costs)
{
	probe p = {.kernel = find_kernel(g, source, piece->item), .items = 1, .budget = piece->budget};
	costs->work_ns[piece->kind] = NEVER_NS;
	if (!p.kernel)
		return;
	if (costs->launch_ns <= 0)
		costs->launch_ns = time_best(g, &p);
	p.items = piece->items;
	costs->work_ns[piece->kind] = share(time_best(g, &p), costs->launch_ns, piece->counted);
}

static void measure_work(gauge *g, const vsp_device_source *source, vsp_costs *costs)
{
	for (unsigned i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
		measure_piece(g, source, &pieces[i], costs);
}

/* Bytes in both directions; what a wait costs is in the launch. */
static void measure_copies(gauge *g, vsp_costs *costs)
{
	double up = time_best(g, &(probe){.down = false}), down = time_best(g, &(probe){.down = true});
	costs->byte_ns = (share(up, costs->launch_ns, MOVED) + share(down, costs->launch_ns, MOVED)) / 2;
}

static void measure_all(gauge *g, const vsp_device_source *source, vsp_costs *costs)
{
	g->why = g->driver->mirror(g->device, MIRROR);
	measure_work(g, source, costs);
	measure_copies(g, costs);
}

bool vsp_device_measure(const vsp_device_driver *driver, const vsp_device_source *source, vsp_costs *costs)
{
	char reason[VSP_REASON_SIZE];
	gauge g = {.driver = driver, .bytes = vsp_alloc(MOVED, 1)};
	memset(costs, 0, sizeof *costs);
	bool open = g.bytes && driver->open(&g.device, &g.exact, reason, sizeof reason);
	if (open) {
		measure_all(&g, source, costs);
		driver->close(g.device);
	}
	vsp_free_memory(g.bytes);
	return open && !g.why && costs->launch_ns > 0;
}
