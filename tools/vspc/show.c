/*
 * Printing the results of a run: the trap with its back trace, registers, statistics, and the final
 * state as JSON.
 */
#include "vspc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/escape.h"

/* ---- traps ---- */

static void show_frame(const vsp_module *module, uint32_t number, uint32_t pc, const char *function)
{
	const char *file;
	uint32_t line;
	fprintf(stderr, "    #%-2u ", (unsigned)number);
	if (pc == VSP_NO_PC)
		fprintf(stderr, "%-10s", "(unknown)");
	else
		fprintf(stderr, "0x%08x", (unsigned)pc);
	fputs(" in ", stderr);
	vspc_show_text(stderr, *function ? function : "(unnamed)");
	if (vsp_module_line(module, pc, &file, &line) == VSP_OK) {
		fputs(" at ", stderr);
		vspc_show_text(stderr, file);
		fprintf(stderr, ":%u", (unsigned)line);
	}
	fputc('\n', stderr);
}

void vspc_show_trap(const vspc_options *options, const vsp_module *module, const vsp_error *error)
{
	const char *bold = options->color ? "\033[1m" : "", *red = options->color ? "\033[1;31m" : "",
	           *off = options->color ? "\033[0m" : "";
	fprintf(stderr, "%svspc: %strap: %s", bold, red, off);
	fprintf(stderr, "%s%s", bold, vsp_trap_name(error->trap));
	if (error->trap == VSP_TRAP_EXPLICIT)
		fprintf(stderr, "(0x%02X)", (unsigned)error->trap_code);
	fputs(": ", stderr);
	vspc_show_text(stderr, *error->message ? error->message : vsp_trap_text(error->trap));
	fprintf(stderr, "%s\n", off);
	if (options->quiet)
		return;
	if (!error->frames)
		show_frame(module, 0, error->pc, error->function);
	for (uint32_t i = 0; i < error->frames; i++)
		show_frame(module, i, error->trace[i].pc, error->trace[i].function);
}

/* ---- registers ---- */

/* SIL-8 .. SIL-128 have modes 0 .. 4. */
static unsigned mode_bits(unsigned mode) { return 8u << mode; }

void vspc_show_registers(FILE *to, const vsp_state_view *state)
{
	unsigned sr = state->sr;
	for (unsigned i = 0; state->known && i < 16; i++)
		fprintf(to, "R%X = 0x%016" PRIx64 "  %" PRId64 "  %.17g\n", i, (uint64_t)state->r[i], state->r[i],
		        vsp_state_f64(state, i));
	fprintf(to, "PC = 0x%08" PRIx32, state->pc);
	if (state->known)
		fprintf(to, "  SP = 0x%08" PRIx32 "  SR = 0x%02x %c%c%c%c%c", state->sp, sr, sr & 1 ? 'Z' : '-',
		        sr & 2 ? 'N' : '-', sr & 4 ? 'O' : '-', sr & 8 ? 'C' : '-', sr & 16 ? 'H' : '-');
	fprintf(to, "  mode = SIL-%u%s\n", mode_bits(state->mode),
	        state->known ? "" : "  (registers, SP and SR are unknown after a trap in compiled code)");
}

/* ---- JSON ---- */

static void json_string_or_null(FILE *to, const char *text)
{
	if (*text)
		vspc_json_string(to, text);
	else
		fputs("null", to);
}

static void json_number_or_null(FILE *to, bool known, uint64_t value)
{
	if (known)
		fprintf(to, "%" PRIu64, value);
	else
		fputs("null", to);
}

static void json_trap(FILE *to, const vsp_error *error)
{
	fprintf(to, "{\"kind\":\"%s\",\"code\":", vsp_trap_name(error->trap));
	json_number_or_null(to, error->trap == VSP_TRAP_EXPLICIT, error->trap_code);
	fputs(",\"pc\":", to);
	json_number_or_null(to, error->pc != VSP_NO_PC, error->pc);
	fputs(",\"function\":", to);
	json_string_or_null(to, error->function);
	fputs(",\"file\":", to);
	json_string_or_null(to, error->file);
	fputs(",\"line\":", to);
	json_number_or_null(to, error->line != 0, error->line);
	fputc('}', to);
}

static void json_registers(FILE *to, const vsp_state_view *state)
{
	for (unsigned i = 0; i < 16; i++)
		fprintf(to, "%s\"0x%016" PRIx64 "\"", i ? "," : "[", (uint64_t)state->r[i]);
	fputc(']', to);
}

static void json_gradient(FILE *to, const vsp_state_view *state)
{
	for (unsigned i = 0; i < 16; i++) {
		char text[32];
		vspc_format_float(state->g[i], text, sizeof text);
		fprintf(to, "%s%s", i ? "," : "[", text);
	}
	fputc(']', to);
}

static const char *end_name(uint32_t end)
{
	return end == VSP_RUN_TRAPPED ? "trapped" : end == VSP_RUN_EXITED ? "exited" : "halted";
}

void vspc_show_json(
        FILE *to, const vspc_options *options, const vsp_instance *instance, const vsp_error *error, int status)
{
	vsp_state_view state = VSP_STATE_INIT;
	vsp_state(instance, &state);
	(void)options;
	fprintf(to, "{\"status\":\"%s\",\"code\":%d,\"trap\":", end_name(state.end), status);
	if (state.end == VSP_RUN_TRAPPED)
		json_trap(to, error);
	else
		fputs("null", to);
	fputs(",\"pc\":", to);
	json_number_or_null(to, state.pc != VSP_NO_PC, state.pc);
	fputs(",\"sp\":", to);
	json_number_or_null(to, state.known, state.sp);
	fputs(",\"sr\":", to);
	json_number_or_null(to, state.known, state.sr);
	fprintf(to, ",\"mode\":%u,\"r\":", (unsigned)state.mode);
	if (state.known)
		json_registers(to, &state);
	else
		fputs("null", to);
	fputs(",\"g\":", to);
	json_gradient(to, &state);
	fprintf(to, ",\"instructions\":%" PRIu64, vsp_cycles(instance));
	if (state.memory_known)
		fprintf(to, ",\"memory_fnv1a\":\"0x%016" PRIx64 "\"", vsp_memory_fnv1a(instance));
	else
		fputs(",\"memory_fnv1a\":null", to);
	fprintf(to, ",\"tier\":%u}\n", (unsigned)state.tier);
}

/* ---- statistics ---- */

/* One function's line; sorted by how hot it is. */
typedef struct hot {
	vsp_function_stats stats;
	vsp_function_info info;
	uint32_t index;
} hot;

static uint64_t heat(const hot *h) { return h->stats.calls + h->stats.loops; }

static int hotter(const void *a, const void *b)
{
	const hot *x = a, *y = b;
	if (heat(x) != heat(y))
		return heat(x) < heat(y) ? 1 : -1;
	return x->index < y->index ? -1 : 1;
}

/* The functions that ran, the hottest first; *count of them. Null: none, or out of memory. */
static hot *collect(const vsp_instance *instance, uint32_t functions, uint32_t *count)
{
	hot *list = calloc(functions ? functions : 1, sizeof *list);
	*count = 0;
	for (uint32_t i = 0; list && i < functions; i++) {
		hot *h = &list[*count];
		h->stats.size = sizeof h->stats;
		h->info.size = sizeof h->info;
		h->index = i;
		vsp_stats_function(instance, i, &h->stats);
		vsp_module_function(vsp_instance_module(instance), i, &h->info);
		*count += heat(h) != 0;
	}
	if (list)
		qsort(list, *count, sizeof *list, hotter);
	return list;
}

/* The end of a line: the reason, if there is one. */
static void reason_text(FILE *to, const char *reason)
{
	if (*reason)
		fputs(": ", to);
	vspc_show_text(to, reason);
	fputc('\n', to);
}

static void function_text(FILE *to, const hot *h)
{
	fprintf(to, "%12" PRIu64 " %12" PRIu64 "  %4u  %10.1f  %10" PRIu64 "  ", h->stats.calls, h->stats.loops,
	        (unsigned)h->stats.tier, (double)h->stats.compile_ns / 1e6, h->stats.code_size);
	vspc_show_text(to, *h->info.name ? h->info.name : "(unnamed)");
	fputs(h->stats.baseline_code_size && !h->stats.tier ? " (baseline)" : "", to);
	fputs(h->stats.cached ? " (cached)" : "", to);
	reason_text(to, h->stats.reason);
}

static void cache_text(FILE *to, const vsp_stats_view *all)
{
	fprintf(to, "code cache    %u loaded, %u stored, %u refused", (unsigned)all->cache_loaded,
	        (unsigned)all->cache_stored, (unsigned)all->cache_refused);
	reason_text(to, all->cache_reason);
}

static void stats_text(FILE *to, const vspc_options *options, const char *sandbox, const vsp_instance *instance,
        const vsp_stats_view *all, const hot *list, uint32_t count)
{
	if (options->dump) /* else they are not counted */
		fprintf(to, "instructions  %" PRIu64 "\n", all->instructions);
	fprintf(to, "memory        %" PRIu64 " KiB, bounds by %s\n", all->memory / 1024,
	        all->guarded ? "guard pages" : "explicit checks");
	fprintf(to, "other memory  %" PRIu64 " KiB, limit %" PRIu64 " KiB\n", (all->beside + 1023) / 1024,
	        all->beside_limit / 1024);
	fprintf(to, "highest tier  %u that ran (the interpreter's dispatch: %s)", (unsigned)all->tier, all->dispatch);
	reason_text(to, all->reason);
	fprintf(to, "sandbox       %s\n", sandbox);
	vspc_show_backends(to, instance);
	if (options->config.cache)
		cache_text(to, all);
	if (all->scanned)
		fprintf(to, "translation   %u functions too large to colour registers in\n", (unsigned)all->scanned);
	fprintf(to, "%12s %12s  tier  compile ms  code bytes  function\n", "calls", "loops");
	for (uint32_t i = 0; i < count; i++)
		function_text(to, &list[i]);
}

static void cache_json(FILE *to, const vsp_stats_view *all)
{
	fprintf(to, ",\"cache\":{\"loaded\":%u,\"stored\":%u,\"refused\":%u,\"reason\":", (unsigned)all->cache_loaded,
	        (unsigned)all->cache_stored, (unsigned)all->cache_refused);
	vspc_json_string(to, all->cache_reason);
	fputc('}', to);
}

/* The compiled tiers of one function, as a member of its object. */
static void tiers_json(FILE *to, const vsp_instance *instance, uint32_t function)
{
	vsp_tier_stats t = VSP_TIER_STATS_INIT;
	const char *comma = "";
	fputs(",\"tiers\":[", to);
	for (uint32_t tier = 1; tier <= 2; tier++) {
		if (vsp_stats_tier(instance, function, tier, &t) != VSP_OK)
			continue;
		fprintf(to, "%s{\"tier\":%u,\"units\":%u,\"lower_us\":%" PRIu64 ",\"optimise_us\":%" PRIu64, comma,
		        (unsigned)tier, (unsigned)t.units, t.lower_ns / 1000, t.optimise_ns / 1000);
		fprintf(to, ",\"emit_us\":%" PRIu64 ",\"link_us\":%" PRIu64 ",\"code_size\":%" PRIu64 ",\"reason\":",
		        t.emit_ns / 1000, t.link_ns / 1000, t.code_size);
		vspc_json_string(to, t.reason);
		fputc('}', to);
		comma = ",";
	}
	fputc(']', to);
}

static void stats_json(FILE *to, const vspc_options *options, const char *sandbox, const vsp_instance *instance,
        const vsp_stats_view *all, const hot *list, uint32_t count)
{
	fputs("{\"instructions\":", to);
	json_number_or_null(to, options->dump, all->instructions);
	fprintf(to,
	        ",\"memory\":%" PRIu64 ",\"bounds\":\"%s\",\"tier\":%u,\"dispatch\":\"%s\",\"reason\":", all->memory,
	        all->guarded ? "guard" : "explicit", (unsigned)all->tier, all->dispatch);
	vspc_json_string(to, all->reason);
	fprintf(to, ",\"beside\":%" PRIu64 ",\"beside_limit\":%" PRIu64, all->beside, all->beside_limit);
	fprintf(to, ",\"scanned\":%u,\"sandbox\":", (unsigned)all->scanned);
	vspc_json_string(to, sandbox);
	if (options->config.cache)
		cache_json(to, all);
	vspc_json_backends(to, instance);
	fputs(",\"functions\":[", to);
	for (uint32_t i = 0; i < count; i++) {
		fprintf(to, "%s{\"index\":%" PRIu32 ",\"name\":", i ? "," : "", list[i].index);
		vspc_json_string(to, list[i].info.name);
		fprintf(to, ",\"calls\":%" PRIu64 ",\"loops\":%" PRIu64 ",\"tier\":%u,\"reason\":", list[i].stats.calls,
		        list[i].stats.loops, (unsigned)list[i].stats.tier);
		vspc_json_string(to, list[i].stats.reason);
		fprintf(to,
		        ",\"compile_us\":%" PRIu64 ",\"code_size\":%" PRIu64 ",\"baseline_code_size\":%" PRIu64
		        ",\"cached\":%u",
		        list[i].stats.compile_ns / 1000, list[i].stats.code_size, list[i].stats.baseline_code_size,
		        (unsigned)list[i].stats.cached);
		tiers_json(to, instance, list[i].index);
		fputc('}', to);
	}
	fputs("]}\n", to);
}

void vspc_show_stats(
        FILE *to, const vspc_options *options, const vsp_plat_confined *confined, const vsp_instance *instance)
{
	char sandbox[256];
	vspc_sandbox_text(confined, sandbox, sizeof sandbox);
	vsp_stats_view all = VSP_STATS_INIT;
	uint32_t count;
	vsp_stats(instance, &all);
	hot *list = collect(instance, all.functions, &count);
	if (options->stats_json)
		stats_json(to, options, sandbox, instance, &all, list, count);
	else
		stats_text(to, options, sandbox, instance, &all, list, count);
	free(list);
}

/* ---- passes ---- */

/* How much of a tier's time the passes from index on took, and in how many lines. */
static uint64_t sum_passes(const vsp_instance *instance, uint32_t index, uint32_t tier, uint32_t *end)
{
	uint64_t sum = 0;
	vsp_pass_stats pass = VSP_PASS_STATS_INIT;
	for (*end = index; vsp_stats_pass(instance, *end, &pass) == VSP_OK && pass.tier == tier; ++*end)
		sum += pass.ns;
	return sum;
}

/* Passes of one tier, from index on to end. Those below two thousandths are shown together. */
static void show_tier_passes(FILE *to, const vsp_instance *instance, uint32_t index, uint32_t end, uint64_t sum)
{
	vsp_pass_stats pass = VSP_PASS_STATS_INIT;
	uint64_t shown = 0;
	for (; index < end && vsp_stats_pass(instance, index, &pass) == VSP_OK; index++) {
		if (shown && pass.ns < sum / 500)
			break;
		fprintf(to, "%10.3f %6.1f %8" PRIu64 "  %s\n", (double)pass.ns / 1e6,
		        sum ? 100.0 * (double)pass.ns / (double)sum : 0.0, pass.runs, pass.name);
		shown += pass.ns;
	}
	if (index < end)
		fprintf(to, "%10.3f %6.1f %8s  %u others\n", (double)(sum - shown) / 1e6,
		        100.0 * (double)(sum - shown) / (double)sum, "", (unsigned)(end - index));
}

void vspc_show_passes(FILE *to, const vsp_instance *instance)
{
	vsp_pass_stats pass = VSP_PASS_STATS_INIT;
	uint32_t end;
	if (vsp_stats_pass(instance, 0, &pass) != VSP_OK)
		fputs("no passes: nothing has been compiled\n", to);
	for (uint32_t i = 0; vsp_stats_pass(instance, i, &pass) == VSP_OK; i = end) {
		uint64_t sum = sum_passes(instance, i, pass.tier, &end);
		fprintf(to, "%10s %6s %8s  pass of tier %u\n", "ms", "%", "runs", (unsigned)pass.tier);
		show_tier_passes(to, instance, i, end, sum);
		fprintf(to, "%10.3f %6.1f %8s  total\n", (double)sum / 1e6, 100.0, "");
	}
}
