/*
 * Soak test: makes and frees modules and instances by the thousand, most of them run in tier 0 and
 * some in compiled code, and checks that the process does not grow: memory, mappings, threads and
 * open files after the first tenth, against those at the end.
 *
 *     soak [--modules N] [--compiled-in N]     one module in so many is compiled, in turn by every
 *     tier; 1: all
 */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp.h>

/* Resources of a process. */
typedef struct holdings {
	long resident_kib, heap_kib, mappings, threads, files;
} holdings;

enum {
	SLACK_KIB = 4096, /* growth that a heap's arenas may show without a leak; 10,000 leaked modules are more */
	SLACK_MAPPINGS = 16
};

/* ---- looking ---- */

static long count_entries(const char *folder)
{
	DIR *d = opendir(folder);
	long n = 0;
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static long count_lines(const char *path)
{
	FILE *in = fopen(path, "r");
	long n = 0;
	for (int c; in && (c = fgetc(in)) != EOF;)
		n += c == '\n';
	if (in)
		fclose(in);
	return n;
}

static long read_resident(void)
{
	FILE *in = fopen("/proc/self/statm", "r");
	long total = 0, resident = 0;
	if (in && fscanf(in, "%ld %ld", &total, &resident) != 2)
		resident = 0;
	if (in)
		fclose(in);
	return resident * 4;
}

static holdings look(void)
{
	malloc_trim(0);
	struct mallinfo2 heap = mallinfo2();
	return (holdings){.resident_kib = read_resident(),
	        .heap_kib = (long)((heap.uordblks + heap.hblkhd) / 1024),
	        .mappings = count_lines("/proc/self/maps"),
	        .threads = count_entries("/proc/self/task"),
	        .files = count_entries("/proc/self/fd")};
}

static void print_holdings(const char *when, const holdings *h)
{
	printf("%s: %ld KiB resident, %ld KiB of heap, %ld mappings, %ld threads, %ld files\n", when, h->resident_kib,
	        h->heap_kib, h->mappings, h->threads - 2, h->files - 3);
}

static bool has_grown(const holdings *from, const holdings *to)
{
	return to->resident_kib > from->resident_kib + SLACK_KIB || to->heap_kib > from->heap_kib + SLACK_KIB / 4 ||
	       to->mappings > from->mappings + SLACK_MAPPINGS || to->threads > from->threads || to->files > from->files;
}

/* ---- working ---- */

/* Sums 1..n by a loop and by calls, so that loops, functions and calls between them are compiled.
   Each module is another text. */
static vsp_module *make_module(unsigned serial)
{
	char text[512];
	int n = snprintf(text, sizeof text,
	        ".func main() -> 0\n"
	        "	MOVI R1, 60\n"
	        "again:	MOV R0, R1\n"
	        "	INVOKE sum\n"
	        "	ADD R5, R5, R0\n"
	        "	ADDI R1, R1, -1\n"
	        "	BNZ R1, again\n"
	        "	ADDI R0, R5, %u\n"
	        "	HLT\n"
	        ".end\n"
	        ".func sum(1) -> 1\n"
	        "	BZ R0, zero\n"
	        "	MOV R1, R0\n"
	        "	ADDI R0, R0, -1\n"
	        "	INVOKE sum\n"
	        "	ADD R0, R0, R1\n"
	        "zero:	RET\n"
	        ".end\n",
	        serial);
	return vsp_assemble(text, (size_t)n, NULL, NULL);
}

/* The configuration of module number serial. */
static vsp_config choose_config(unsigned serial, unsigned compiled_in)
{
	vsp_config config = VSP_CONFIG_INIT;
	unsigned turn = serial / compiled_in % 4;
	config.tier = serial % compiled_in ? VSP_TIER_INTERP
	              : turn < 2           ? VSP_TIER_AUTO
	              : turn == 2          ? VSP_TIER_1
	                                   : VSP_TIER_2;
	config.sync_compile = turn != 0; /* else the instance is freed while the compiler works */
	config.tier1_threshold = 2;
	config.tier2_threshold = 20;
	config.bounds = serial & 1 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
	return config;
}

static bool run_module(unsigned serial, unsigned compiled_in)
{
	const int64_t expected = 60 * 61 * 62 / 6;
	vsp_error error = VSP_ERROR_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_config config = choose_config(serial, compiled_in);
	vsp_module *module = make_module(serial);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	vsp_module_free(module);
	bool good = instance && vsp_run(instance, &error) == VSP_OK && vsp_state(instance, &state) == VSP_OK &&
	            state.r[0] == expected + serial;
	if (!good)
		fprintf(stderr, "module %u, tier %d: R0 = %" PRId64 ", %s\n", serial, config.tier, state.r[0],
		        error.message);
	vsp_free(instance);
	return good;
}

int main(int argc, char **argv)
{
	unsigned modules = 10000, compiled_in = 50;
	for (int i = 1; i + 1 < argc; i += 2) {
		unsigned n = (unsigned)strtoul(argv[i + 1], NULL, 0);
		if (!strcmp(argv[i], "--modules"))
			modules = n;
		else if (!strcmp(argv[i], "--compiled-in"))
			compiled_in = n ? n : 1;
	}
	holdings early = {0};
	for (unsigned i = 0; i < modules; i++) {
		if (i == modules / 10)
			early = look();
		if (!run_module(i, compiled_in))
			return 1;
	}
	holdings end = look();
	print_holdings("after a tenth", &early);
	print_holdings("at the end", &end);
	if (has_grown(&early, &end)) {
		fprintf(stderr, "the process has grown\n");
		return 1;
	}
	return 0;
}
