/*
 * GRADB, DESCB, VMAP and the associative VRED on devices: tasks of runtime/arith/device_items.c.
 * What is not as simple there - sources that overlap their destination, folds whose order matters -
 * the CPU does.
 */
#include "device_parts.h"

#include <string.h>

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Destination and source, and in place of an argument block nothing. */
static vsp_ranges ranges_of(const vsp_batch_op *op, uint64_t dst_size, uint32_t dst_flags, uint64_t src_size)
{
	return (vsp_ranges){
	        3, {{op->dst, (uint32_t)dst_size, dst_flags}, {op->src, (uint32_t)src_size, VSP_RANGE_IN}, {0, 0, 0}}};
}

static int run_item(vsp_device *d, vsp_rt *rt, unsigned item, const vsp_batch_op *op, const vsp_ranges *ranges,
        vsp_device_task task, char *reason, size_t reason_size)
{
	if (task.items > UINT32_MAX)
		return vsp_device_decline(reason, reason_size, "more items than a device can number");
	task.kernel = vsp_device_item(d, rt, item, reason, reason_size);
	task.ranges = ranges;
	task.kind = op->kind;
	task.argument = op->dst | (uint64_t)op->src << 32;
	return task.kernel ? vsp_device_run(d, rt, &task, reason, reason_size) : VSP_DECLINED;
}

static int decline_overlap(char *reason, size_t reason_size)
{
	return vsp_device_decline(reason, reason_size, "the source overlaps the destination");
}

int vsp_device_gradb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	uint64_t dst = op->count * 64, src = op->count * 16;
	vsp_ranges ranges = ranges_of(op, dst, VSP_RANGE_OUT, src);
	if (overlap(op->dst, dst, op->src, src))
		return decline_overlap(reason, reason_size);
	vsp_device_task task = {.items = op->count * 16};
	return run_item(state, rt, VSP_ITEM_GRADB, op, &ranges, task, reason, reason_size);
}

int vsp_device_descb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	uint64_t dst = op->count * 16, src = op->count * 64;
	vsp_ranges ranges = ranges_of(op, dst, VSP_RANGE_IN | VSP_RANGE_OUT, src);
	uint32_t rate;
	if (overlap(op->dst, dst, op->src, src))
		return decline_overlap(reason, reason_size);
	memcpy(&rate, &op->rate, sizeof rate);
	vsp_device_task task = {.items = op->count * 16, .budget = rate};
	return run_item(state, rt, VSP_ITEM_DESCB, op, &ranges, task, reason, reason_size);
}

/* A work item reads and writes its own byte, so destination and source may be the same. */
int vsp_device_vmap(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	vsp_ranges ranges = ranges_of(op, op->count, VSP_RANGE_IN | VSP_RANGE_OUT, op->count);
	if (op->dst != op->src && overlap(op->dst, op->count, op->src, op->count))
		return decline_overlap(reason, reason_size);
	vsp_device_task task = {.items = op->count};
	return run_item(state, rt, VSP_ITEM_VMAP + op->sel, op, &ranges, task, reason, reason_size);
}

int vsp_device_vred(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	enum { XOR = 4 }; /* VRED's selector, see isa.md */
	uint8_t partial[sizeof((vsp_device_record *)NULL)->partial], all = 0;
	if (op->sel != XOR || op->count == 0)
		return vsp_device_decline(reason, reason_size, "the order of this fold matters");
	vsp_ranges ranges = {2, {{op->src, (uint32_t)op->count, VSP_RANGE_IN}, {0, 0, 0}}};
	vsp_device_task task = {.items = op->count < sizeof partial ? op->count : sizeof partial,
	        .budget = op->count,
	        .partial = partial};
	int trap = run_item(state, rt, VSP_ITEM_VRED_XOR, op, &ranges, task, reason, reason_size);
	for (uint64_t i = 0; !trap && i < task.items; i++)
		all ^= partial[i];
	if (!trap)
		*op->result = all;
	return trap;
}
