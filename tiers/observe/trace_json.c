/*
 * A trace in the format of Chrome's trace events, which Perfetto and chrome://tracing open: one
 * process with a track for the program, one for the compiler, and, where there are batch
 * instructions, one for them and three for what devices do. Slices are complete events (X),
 * changes of tier are instants (i), and a flow (s, t, f) leads from the request for a unit through
 * its compilation to its first use. Times are microseconds from the start of the trace, with three
 * decimals. On each track the events are in order of time.
 */
#include <string.h>

#include "runtime/backends/provider.h"
#include "trace_parts.h"

enum { TRACK_PROGRAM = 1, TRACK_COMPILER, TRACK_BATCH, TRACK_UPLOADS, TRACK_KERNELS, TRACK_DOWNLOADS };

/* The state of the writer: whether a comma is due. */
typedef struct writer {
	vsp_text *out;
	const vsp_trace *trace;
	bool more;
} writer;

/* ---- pieces ---- */

/* Writes the inside of a string. */
static void json_escaped(vsp_text *out, const char *s) { vsp_text_shown(out, s, strlen(s), VSP_ESCAPE_JSON); }

static void json_string(vsp_text *out, const char *s)
{
	vsp_text_string(out, "\"");
	json_escaped(out, s);
	vsp_text_string(out, "\"");
}

static void put_time(vsp_text *out, const char *key, uint64_t ns)
{
	vsp_text_format(out, ",\"%s\":%llu.%03u", key, (unsigned long long)(ns / 1000), (unsigned)(ns % 1000));
}

static const char *func_name(const writer *w, uint32_t func)
{
	const char *name = vsp_module_func_name(w->trace->module, func);
	return *name ? name : "(unnamed)";
}

static bool at_loop(const writer *w, const vsp_trace_event *e)
{
	return e->pc != w->trace->module->funcs[e->func].start;
}

/* Opens an event and writes it up to its time; the caller adds members and closes it with "}". */
static void begin(writer *w, char phase, int track, uint64_t ns, const char *category)
{
	vsp_text_format(w->out, "%s\n{\"ph\":\"%c\",\"pid\":1,\"tid\":%d,\"cat\":\"%s\"", w->more ? "," : "", phase,
	        track, category);
	put_time(w->out, "ts", ns - w->trace->start_ns);
	w->more = true;
}

/* The name: what happened, to which function, at which tier (0: not mentioned). */
static void put_name(writer *w, const char *what, const vsp_trace_event *e, int tier)
{
	vsp_text_format(w->out, ",\"name\":\"%s ", what);
	json_escaped(w->out, func_name(w, e->func));
	if (tier)
		vsp_text_format(w->out, "%s tier %d", at_loop(w, e) ? " loop" : "", tier);
	vsp_text_string(w->out, "\"");
}

/* Opens the arguments, and writes those that all events of units have. */
static void begin_args(writer *w, const vsp_trace_event *e)
{
	const vsp_line *line = vsp_module_line_at(w->trace->module, e->pc);
	vsp_text_string(w->out, ",\"args\":{\"function\":");
	json_string(w->out, func_name(w, e->func));
	vsp_text_format(w->out, ",\"index\":%u,\"pc\":%u,\"entry\":\"%s\",\"tier\":%d", (unsigned)e->func,
	        (unsigned)e->pc, at_loop(w, e) ? "loop" : "function", e->tier);
	if (!line)
		return;
	vsp_text_string(w->out, ",\"file\":");
	json_string(w->out, w->trace->module->files[line->file]);
	vsp_text_format(w->out, ",\"line\":%lld", (long long)line->line);
}

static void put_reason(writer *w, const char *reason)
{
	if (!reason)
		return;
	vsp_text_string(w->out, ",\"reason\":");
	json_string(w->out, reason);
}

/* A step of the flow of one unit at one tier: s is its start, t is in between, f is its end. */
static void put_flow(writer *w, char phase, int track, const vsp_trace_event *e, uint64_t ns)
{
	begin(w, phase, track, ns, "tier");
	vsp_text_format(w->out, ",\"name\":\"rise\",\"id\":%llu%s}", 4 * (unsigned long long)e->pc + (unsigned)e->tier,
	        phase == 'f' ? ",\"bp\":\"e\"" : "");
}

/* ---- events ---- */

static void put_phases(writer *w, const vsp_trace_event *e)
{
	static const char *const names[VSP_TRACE_PHASES] = {"lower", "optimise", "emit", "link"};
	uint64_t ns = e->start_ns;
	for (int i = 0; i < VSP_TRACE_PHASES; i++) {
		if (e->phase_ns[i] && ns + e->phase_ns[i] <= e->end_ns) {
			begin(w, 'X', TRACK_COMPILER, ns, "compile");
			put_time(w->out, "dur", e->phase_ns[i]);
			vsp_text_format(w->out, ",\"name\":\"%s\"}", names[i]);
		}
		ns += e->phase_ns[i];
	}
}

static void put_compile(writer *w, const vsp_trace_event *e)
{
	const vsp_func *func = &w->trace->module->funcs[e->func];
	begin(w, 'X', TRACK_COMPILER, e->start_ns, "compile");
	put_time(w->out, "dur", e->end_ns - e->start_ns);
	put_name(w, "compile", e, e->tier);
	begin_args(w, e);
	vsp_text_format(w->out, ",\"bytecode\":%u,\"bytes\":%llu,\"inlined\":%u", (unsigned)func->size,
	        (unsigned long long)e->bytes, (unsigned)e->inlined);
	put_reason(w, e->reason);
	vsp_text_string(w->out, "}}");
	put_flow(w, 't', TRACK_COMPILER, e, e->start_ns);
	put_phases(w, e);
}

static void put_copy(writer *w, const vsp_trace_event *e)
{
	const vsp_func *func = &w->trace->module->funcs[e->func];
	begin(w, 'X', TRACK_PROGRAM, e->start_ns, "compile");
	put_time(w->out, "dur", e->end_ns - e->start_ns);
	put_name(w, "copy", e, 0);
	vsp_text_string(w->out, ",\"args\":{\"function\":");
	json_string(w->out, func_name(w, e->func));
	vsp_text_format(w->out, ",\"index\":%u,\"pc\":%u,\"bytecode\":%u,\"bytes\":%llu", (unsigned)e->func,
	        (unsigned)e->pc, (unsigned)func->size, (unsigned long long)e->bytes);
	put_reason(w, e->reason);
	vsp_text_string(w->out, "}}");
}

static void put_open(writer *w, const vsp_trace_event *e)
{
	begin(w, 'X', TRACK_COMPILER, e->start_ns, "compile");
	put_time(w->out, "dur", e->end_ns - e->start_ns);
	vsp_text_string(w->out, ",\"name\":\"open the compiler\",\"args\":{\"library\":\"libvsp-llvm\"");
	put_reason(w, e->reason);
	vsp_text_string(w->out, "}}");
}

static void put_run(writer *w, const vsp_trace_event *e)
{
	begin(w, 'X', TRACK_PROGRAM, e->start_ns, "run");
	put_time(w->out, "dur", e->end_ns - e->start_ns);
	put_name(w, "run", e, 0);
	vsp_text_string(w->out, ",\"args\":{\"end\":");
	json_string(w->out, e->end);
	if (e->pc != VSP_NO_PC)
		vsp_text_format(w->out, ",\"pc\":%u", (unsigned)e->pc);
	vsp_text_string(w->out, "}}");
}

static void put_instant(writer *w, const vsp_trace_event *e, int track, const char *what)
{
	begin(w, 'i', track, e->start_ns, "tier");
	put_name(w, what, e, e->tier);
	vsp_text_string(w->out, ",\"s\":\"t\"");
	begin_args(w, e);
	if (e->kind == VSP_TRACE_ENTER || e->kind == VSP_TRACE_OSR)
		vsp_text_format(w->out, ",\"from\":%d", e->from);
	put_reason(w, e->reason);
	vsp_text_string(w->out, "}}");
}

/* ---- batch instructions ---- */

/* Where each step goes; what is said of its amount; and its name, unless that is the
   instruction's. */
static const struct {
	int track;
	const char *amount, *name;
} steps[] = {
        [VSP_STEP_OPERATION] = {TRACK_BATCH, "items", NULL},
        [VSP_STEP_UPLOAD] = {TRACK_UPLOADS, "bytes", "range"},
        [VSP_STEP_BLOCK] = {TRACK_KERNELS, "bytes", "argument block"},
        [VSP_STEP_KERNEL] = {TRACK_KERNELS, "items", NULL},
        [VSP_STEP_DOWNLOAD] = {TRACK_DOWNLOADS, "bytes", "range"},
};

static void put_batch_name(writer *w, const vsp_batch_span *span)
{
	static const char *const kinds[] = {
#define KIND(NAME, cpu_ns, moved) #NAME,
#include "runtime/backends/kinds.def"
	};
	const char *name = steps[span->step].name;
	vsp_text_format(w->out, ",\"name\":\"%s", name ? name : kinds[span->kind]);
	if (!name && span->kind == VSP_BATCH_LAUNCH) {
		vsp_text_string(w->out, " ");
		json_escaped(w->out, func_name(w, span->index));
	}
	vsp_text_string(w->out, "\"");
}

static void put_batch(writer *w, const vsp_trace_event *e)
{
	const vsp_batch_span *span = &e->span;
	begin(w, 'X', steps[span->step].track, e->start_ns, "batch");
	put_time(w->out, "dur", e->end_ns - e->start_ns);
	put_batch_name(w, span);
	vsp_text_string(w->out, ",\"args\":{\"back end\":");
	json_string(w->out, span->provider);
	vsp_text_format(w->out, ",\"%s\":%llu}}", steps[span->step].amount, (unsigned long long)span->amount);
}

/* ---- all of them ---- */

static void put_event(writer *w, const vsp_trace_event *e)
{
	switch (e->kind) {
	case VSP_TRACE_RUN: put_run(w, e); break;
	case VSP_TRACE_BATCH: put_batch(w, e); break;
	case VSP_TRACE_OPEN: put_open(w, e); break;
	case VSP_TRACE_COPY: put_copy(w, e); break;
	case VSP_TRACE_COMPILE: put_compile(w, e); break;
	case VSP_TRACE_QUEUED:
		put_instant(w, e, TRACK_PROGRAM, "queue");
		put_flow(w, 's', TRACK_PROGRAM, e, e->start_ns);
		break;
	case VSP_TRACE_LOAD:
		put_instant(w, e, TRACK_PROGRAM, "load");
		put_flow(w, 's', TRACK_PROGRAM, e, e->start_ns);
		break;
	case VSP_TRACE_WITHDRAWN: put_instant(w, e, TRACK_PROGRAM, "withdraw"); break;
	case VSP_TRACE_PUBLISH: put_instant(w, e, TRACK_COMPILER, "publish"); break;
	case VSP_TRACE_GIVE_UP: put_instant(w, e, TRACK_PROGRAM, "give up"); break;
	case VSP_TRACE_ENTER:
	case VSP_TRACE_OSR:
		put_instant(w, e, TRACK_PROGRAM, e->kind == VSP_TRACE_OSR ? "transfer" : "enter");
		put_flow(w, 'f', TRACK_PROGRAM, e, e->start_ns);
		break;
	}
}

static void put_track(writer *w, int track, const char *name)
{
	vsp_text_format(w->out,
	        "%s\n{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}",
	        w->more ? "," : "", track, name);
	w->more = true;
}

/* The tracks of batch instructions, if there are any. */
static void put_batch_tracks(writer *w, const vsp_trace_event *events, uint32_t count)
{
	uint32_t i = 0;
	while (i < count && events[i].kind != VSP_TRACE_BATCH)
		i++;
	if (i == count)
		return;
	put_track(w, TRACK_BATCH, "batch instructions");
	put_track(w, TRACK_UPLOADS, "transfers to the device");
	put_track(w, TRACK_KERNELS, "kernels on the device");
	put_track(w, TRACK_DOWNLOADS, "transfers from the device");
}

void vsp_trace_write_json(
        vsp_text *out, const vsp_trace *trace, const vsp_trace_event *events, uint32_t count, uint64_t dropped)
{
	writer w = {out, trace, false};
	vsp_text_format(out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"vsp\":\"%s\",\"dropped\":%llu},",
	        VSP_VERSION, (unsigned long long)dropped);
	vsp_text_string(out, "\"traceEvents\":[");
	vsp_text_string(
	        out, "\n{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"vsp\"}}");
	w.more = true;
	put_track(&w, TRACK_PROGRAM, "program");
	put_track(&w, TRACK_COMPILER, "compiler");
	put_batch_tracks(&w, events, count);
	for (uint32_t i = 0; i < count; i++)
		put_event(&w, &events[i]);
	vsp_text_string(out, "\n]}\n");
}
