/*
 * What vspc shows of back ends: the list of --list-backends, and their part of --stats.
 */
#include "vspc.h"

#include <inttypes.h>

#include "tiers/cache/cache.h"

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {"auto", "cpu", "gpu", "npu"};
	return kind < sizeof names / sizeof *names ? names[kind] : "other";
}

/* ---- the list ---- */

static void line(const char *title, const char *text)
{
	if (!*text)
		return;
	printf("  %-9s ", title);
	vspc_show_text(stdout, text);
	putchar('\n');
}

static void list_operations(const vsp_backend_view *view, const char *between, const char *quote)
{
	const char *separator = "";
	for (uint32_t i = 0; i < VSP_OPERATIONS; i++) {
		if (!(view->operations >> i & 1))
			continue;
		printf("%s%s%s%s", separator, quote, vsp_operation_name(i), quote);
		separator = between;
	}
}

static void list_costs(const vsp_backend_view *view)
{
	const char *separator = "";
	printf("  %-9s ", "measured");
	if (view->launch_ns > 0) {
		printf("%.1f us to begin, %.3g ns a byte moved", view->launch_ns / 1e3, view->byte_ns);
		separator = ", ";
	}
	for (uint32_t i = 0; i < VSP_OPERATIONS; i++)
		if (view->work_ns[i] > 0) {
			printf("%s%s %.3g ns", separator, vsp_operation_name(i), view->work_ns[i]);
			separator = ", ";
		}
	putchar('\n');
}

static void list_text(const vsp_backend_view *view)
{
	printf("%s (%s)\n", view->name, kind_name(view->kind));
	line("device", view->device);
	line("driver", view->driver);
	if (view->memory)
		printf("  %-9s %" PRIu64 " MiB\n", "memory", view->memory >> 20);
	else if (!*view->missing)
		line("memory", "the machine's");
	printf("  %-9s ", "runs");
	list_operations(view, " ", "");
	putchar('\n');
	if (view->measured)
		list_costs(view);
	line("missing", view->missing);
}

static void list_json(const vsp_backend_view *view)
{
	printf("{\"name\":\"%s\",\"kind\":\"%s\",\"usable\":%s,\"device\":", view->name, kind_name(view->kind),
	        *view->missing ? "false" : "true");
	vspc_json_string(stdout, view->device);
	fputs(",\"driver\":", stdout);
	vspc_json_string(stdout, view->driver);
	printf(",\"memory\":%" PRIu64 ",\"runs\":[", view->memory);
	list_operations(view, ",", "\"");
	fputs("],\"measured\":", stdout);
	if (view->measured) {
		printf("{\"launch_ns\":%.1f,\"byte_ns\":%.6f", view->launch_ns, view->byte_ns);
		for (uint32_t i = 0; i < VSP_OPERATIONS; i++)
			if (view->work_ns[i] > 0)
				printf(",\"%s\":%.6f", vsp_operation_name(i), view->work_ns[i]);
		putchar('}');
	} else {
		fputs("null", stdout);
	}
	fputs(",\"missing\":", stdout);
	vspc_json_string(stdout, view->missing);
	putchar('}');
}

int vspc_list_backends(const vspc_options *options)
{
	vsp_backend_view view = VSP_BACKEND_VIEW_INIT;
	vsp_error error = VSP_ERROR_INIT;
	if (options->config.cache && vsp_cache_check_directory(options->config.cache, &error) != VSP_OK)
		return vspc_error("%s", error.message);
	if (options->list_json)
		putchar('[');
	for (uint32_t i = 0; vsp_backend_describe(i, options->config.cache, &view) == VSP_OK; i++) {
		if (!options->list_json) {
			list_text(&view);
			continue;
		}
		if (i)
			fputs(",\n", stdout);
		list_json(&view);
	}
	if (options->list_json)
		fputs("]\n", stdout);
	return 0;
}

/* ---- statistics ---- */

/* Is there anything to say? */
static bool was_used(const vsp_backend_stats *stats)
{
	bool used = *stats->reason || *stats->placed;
	for (uint32_t i = 0; i < VSP_OPERATIONS; i++)
		used = used || stats->operations[i];
	return used;
}

/* Each kernel and cause on a line of its own. */
static void show_refusals(FILE *to, const vsp_instance *instance, const vsp_backend_stats *stats, uint32_t index)
{
	vsp_backend_refusal r = VSP_BACKEND_REFUSAL_INIT;
	for (uint32_t n = 0; vsp_stats_refusal(instance, index, n, &r) == VSP_OK; n++) {
		fprintf(to, "not on        %s, %s", stats->name, vsp_operation_name(r.operation));
		if (*r.name) {
			fputs(" of '", to);
			vspc_show_text(to, r.name);
			fputc('\'', to);
		}
		fprintf(to, " %" PRIu64 ": ", r.count);
		vspc_show_text(to, r.reason);
		fputc('\n', to);
	}
}

void vspc_show_refusals(FILE *to, const vsp_instance *instance)
{
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; vsp_stats_backend(instance, i, &stats) == VSP_OK; i++)
		show_refusals(to, instance, &stats, i);
}

void vspc_show_backends(FILE *to, const vsp_instance *instance)
{
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; vsp_stats_backend(instance, i, &stats) == VSP_OK; i++) {
		if (!was_used(&stats))
			continue;
		fprintf(to, "back end      %s", stats.name);
		for (uint32_t k = 0; k < VSP_OPERATIONS; k++)
			if (stats.operations[k])
				fprintf(to, ", %s %" PRIu64, vsp_operation_name(k), stats.operations[k]);
		if (*stats.placed) {
			fputs("; ", to);
			vspc_show_text(to, stats.placed);
		}
		if (*stats.reason) {
			fputs("; not used: ", to);
			vspc_show_text(to, stats.reason);
		}
		fputc('\n', to);
	}
	vspc_show_refusals(to, instance);
}

static void json_refusals(FILE *to, const vsp_instance *instance, uint32_t index)
{
	vsp_backend_refusal r = VSP_BACKEND_REFUSAL_INIT;
	for (uint32_t n = 0; vsp_stats_refusal(instance, index, n, &r) == VSP_OK; n++) {
		fprintf(to, "%s{\"operation\":\"%s\",\"name\":", n ? "," : ",\"refused\":[",
		        vsp_operation_name(r.operation));
		vspc_json_string(to, r.name);
		fprintf(to, ",\"count\":%" PRIu64 ",\"reason\":", r.count);
		vspc_json_string(to, r.reason);
		fputc('}', to);
	}
	if (vsp_stats_refusal(instance, index, 0, &r) == VSP_OK)
		fputc(']', to);
}

void vspc_json_backends(FILE *to, const vsp_instance *instance)
{
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	fputs(",\"backends\":[", to);
	for (uint32_t i = 0; vsp_stats_backend(instance, i, &stats) == VSP_OK; i++) {
		fprintf(to, "%s{\"name\":", i ? "," : "");
		vspc_json_string(to, stats.name);
		fprintf(to, ",\"kind\":\"%s\"", kind_name(stats.kind));
		for (uint32_t k = 0; k < VSP_OPERATIONS; k++)
			if (stats.operations[k])
				fprintf(to, ",\"%s\":%" PRIu64, vsp_operation_name(k), stats.operations[k]);
		fputs(",\"placed\":", to);
		vspc_json_string(to, stats.placed);
		fputs(",\"reason\":", to);
		vspc_json_string(to, stats.reason);
		json_refusals(to, instance, i);
		fputc('}', to);
	}
	fputc(']', to);
}
