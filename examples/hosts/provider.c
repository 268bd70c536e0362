/*
 * A host in C that supplies a back end of its own: a signal processor with firmware for one kernel,
 * `smooth`, and for VMAP.XORL. Here the firmware is two functions in C. What the processor
 * declines, VSP's CPU back end does; the results are the same.
 *
 *     cc provider.c $(pkg-config --cflags --libs vsp) -o host && ./host provider.sil
 *
 * Prints the result with and without the processor, and what ran where.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <vsp/vsp_provider.h>

enum { VMAP_XORL = 4, BLOCK_HEAD = 4, RANGE = 12 };

/* The state of the device: what it has done. */
typedef struct processor {
	uint64_t samples, bytes;
} processor;

static int32_t read32(const uint8_t *p)
{
	return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

static void write32(uint8_t *p, int32_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)((uint32_t)n >> 8 * i);
}

/* The firmware of `smooth`, whose parameters, behind the block's list of two ranges, are two
   addresses. */
static void smooth(processor *dsp, const vsp_provider_op *op)
{
	const uint8_t *parameters = op->memory + (uint32_t)op->argument + BLOCK_HEAD + 2 * RANGE;
	const uint8_t *from = op->memory + (uint32_t)read32(parameters);
	uint8_t *to = op->memory + (uint32_t)read32(parameters + 4);
	for (uint64_t i = 0; i < op->count; i++)
		write32(to + 4 * i, (int32_t)(((int64_t)read32(from + 4 * i) + read32(from + 4 * i + 4) +
		                                      read32(from + 4 * i + 8)) /
		                              3));
	dsp->samples += op->count;
}

/* The program is not to be trusted: the firmware reads and writes only what the block declares. */
static int suits(const vsp_provider_op *op)
{
	const vsp_provider_range *in = &op->ranges[0], *out = &op->ranges[1], *block = &op->ranges[2];
	if (strcmp(op->kernel_name, "smooth") != 0 || op->range_count != 3 ||
	        block->length < BLOCK_HEAD + 2 * RANGE + 8)
		return 0;
	const uint8_t *parameters = op->memory + (uint32_t)op->argument + BLOCK_HEAD + 2 * RANGE;
	return (uint32_t)read32(parameters) == in->address && (uint32_t)read32(parameters + 4) == out->address &&
	       op->count <= out->length / 4 && op->count + 2 <= in->length / 4 && out->flags & VSP_PROVIDER_OUT &&
	       (out->address >= in->address + (uint64_t)in->length ||
	               in->address >= out->address + (uint64_t)out->length);
}

static int decline(char *reason, size_t size, const char *what)
{
	snprintf(reason, size, "no firmware for %s", what);
	return VSP_PROVIDER_DECLINED;
}

/* Sources that overlap the destination would have to be read before anything is written. */
static int apart(const vsp_provider_op *op)
{
	return op->source >= op->destination + op->count || op->destination >= op->source + op->count;
}

static int run(void *state, const vsp_provider_op *op, char *reason, size_t size)
{
	processor *dsp = state;
	if (op->operation == VSP_OPERATION_LAUNCH) {
		if (!suits(op))
			return decline(reason, size, op->kernel_name);
		smooth(dsp, op);
		return VSP_PROVIDER_DONE;
	}
	if (op->selector != VMAP_XORL || !apart(op))
		return decline(reason, size, "this VMAP");
	for (uint64_t i = 0; i < op->count; i++)
		op->memory[op->destination + i] ^= op->memory[op->source + i] ^ 0x80;
	dsp->bytes += op->count;
	return VSP_PROVIDER_DONE;
}

static int report(const vsp_error *error)
{
	fprintf(stderr, "%s\n", error->message);
	return 1;
}

/* Calls filter() in a new instance, with the back end or without. */
static int filter(vsp_module *module, const vsp_provider_table *table, const char *title)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	if (!instance)
		return report(&error);
	int64_t result = 0;
	vsp_status status = table ? vsp_add_provider(instance, table, &error) : VSP_OK;
	if (status == VSP_OK)
		status = vsp_call(instance, "filter", NULL, &result, &error);
	if (status == VSP_OK)
		printf("%s: %" PRId64 "\n", title, result);
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; status == VSP_OK && vsp_stats_backend(instance, i, &stats) == VSP_OK; i++)
		if (strcmp(stats.name, "dsp") == 0 || (table && strcmp(stats.name, "cpu") == 0))
			printf("  %s: LAUNCH %" PRIu64 ", VMAP %" PRIu64 ", VRED %" PRIu64 "%s%s\n", stats.name,
			        stats.operations[VSP_OPERATION_LAUNCH], stats.operations[VSP_OPERATION_VMAP],
			        stats.operations[VSP_OPERATION_VRED], *stats.reason ? "; " : "", stats.reason);
	vsp_free(instance);
	return status == VSP_OK ? 0 : report(&error);
}

int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load_file(argc > 1 ? argv[1] : "provider.sil", NULL, &error);
	if (!module)
		return report(&error);
	processor dsp = {0, 0};
	vsp_provider_table table = VSP_PROVIDER_TABLE_INIT;
	table.name = "dsp";
	table.kind = VSP_BACKEND_GPU;
	table.operations = 1u << VSP_OPERATION_LAUNCH | 1u << VSP_OPERATION_VMAP;
	table.user = &dsp;
	table.run = run;
	int failed = filter(module, NULL, "without the processor") || filter(module, &table, "with the processor");
	if (!failed)
		printf("it smoothed %" PRIu64 " samples and combined %" PRIu64 " bytes\n", dsp.samples, dsp.bytes);
	vsp_module_free(module);
	return failed;
}
