/*
 * Executables: one instance over stdin and stdout with the capabilities the program was compiled
 * with, run as `vspc --run` runs it. VSP_BACKEND says where batch instructions run, and with
 * VSP_STATS it shows at the end where they ran. Exit status: 0 or the program's own, 1 it trapped,
 * 2 it cannot be run or its output cannot be written.
 */
#include "instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/backends/threads.h"
#include "runtime/base/escape.h"
#include "runtime/platform/platform.h"
#include "runtime/host/stdio_host.h"

enum { TRAPPED = 1, WRONG = 2, BUFFER = 1 << 16 };

static void show(const char *text) { vsp_escape_print(stderr, text, VSP_ESCAPE_TEXT); }

static int complain(const char *program, const char *message)
{
	show(program);
	fputs(": error: ", stderr);
	show(message);
	fputc('\n', stderr);
	return WRONG;
}

static void show_frame(const vsp_frame *frame, uint32_t number)
{
	fprintf(stderr, "    #%-2u ", (unsigned)number);
	if (frame->pc == VSP_NO_PC)
		fprintf(stderr, "%-10s", "(unknown)");
	else
		fprintf(stderr, "0x%08x", (unsigned)frame->pc);
	fputs(" in ", stderr);
	show(*frame->function ? frame->function : "(unnamed)");
	const char *file;
	uint32_t line;
	if (vsp_aot_line(frame->pc, &file, &line) == VSP_OK) {
		fputs(" at ", stderr);
		show(file);
		fprintf(stderr, ":%u", (unsigned)line);
	}
	fputc('\n', stderr);
}

static void show_trap(const char *program, const vsp_error *error)
{
	show(program);
	fprintf(stderr, ": trap: %s", vsp_trap_kind_name((uint32_t)error->trap));
	if (error->trap == VSP_TRAP_EXPLICIT)
		fprintf(stderr, "(0x%02X)", (unsigned)error->trap_code);
	fputs(": ", stderr);
	show(error->message);
	fputc('\n', stderr);
	for (uint32_t i = 0; i < error->frames; i++)
		show_frame(&error->trace[i], i);
}

/* ---- back ends ---- */

/* What VSP_BACKEND asks for: an enum vsp_backend_kind, or UINT32_MAX. */
static uint32_t backend_asked(void)
{
	static const char *const kinds[] = {"auto", "cpu", "gpu", "npu"};
	const char *text = getenv("VSP_BACKEND");
	for (uint32_t kind = 0; text && kind < sizeof kinds / sizeof *kinds; kind++)
		if (strcmp(text, kinds[kind]) == 0)
			return kind;
	return text ? UINT32_MAX : VSP_BACKEND_AUTO;
}

static void show_operations(const vsp_backend_stats *stats)
{
	static const char *const names[] = {
#define KIND(NAME, cpu_ns, moved) #NAME,
#include "runtime/backends/kinds.def"
	        "EMERGE"};
	bool any = false;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		if (stats->operations[i])
			fprintf(stderr, "%s%s %llu", any ? ", " : " ", names[i],
			        (unsigned long long)stats->operations[i]);
		any |= stats->operations[i] != 0;
	}
	if (!any)
		fputs(" nothing", stderr);
}

/* A line for each back end, as in --stats of vspc. */
static void show_backends(const vsp_aot_instance *instance)
{
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; vsp_aot_backend(instance, i, &stats) == VSP_OK; i++) {
		fprintf(stderr, "back end %s:", stats.name);
		show_operations(&stats);
		fputs(*stats.placed ? "; " : "", stderr);
		show(stats.placed);
		fputs(*stats.reason ? "; not used: " : "", stderr);
		show(stats.reason);
		fputc('\n', stderr);
	}
}

/* ---- the command ---- */

/* The one instance and its host. */
static struct command {
	const char *program;
	vsp_aot_instance *instance;
	vsp_stdio_host host;
} command;

/* Reports how the run ended; the program's output is flushed before messages. */
static int report(vsp_status status)
{
	const vsp_stdio_host *host = &command.host;
	const vsp_error *error = vsp_aot_last_error(command.instance);
	bool flushed = fflush(stdout) == 0 && !host->write_failed;
	if (!flushed)
		return complain(command.program, strerror(host->write_failed ? host->write_error : errno));
	if (host->read_error)
		return complain(command.program, strerror(host->read_error));
	if (status == VSP_OK)
		return command.instance->rt.end == VSP_END_EXITED ? (int)command.instance->rt.exit_code : 0;
	if (status != VSP_TRAPPED)
		return complain(command.program, error->message);
	show_trap(command.program, error);
	return TRAPPED;
}

int vsp_aot_end_command(vsp_status status)
{
	int code = report(status);
	if (getenv("VSP_STATS"))
		show_backends(command.instance);
	vsp_aot_free(command.instance);
	vsp_stdio_host_close(&command.host);
	return code;
}

vsp_aot_instance *vsp_aot_command_instance(void) { return command.instance; }

/* What a stack is too small for ends by SIGSEGV, already where a message is formatted. */
static bool has_stack(const char *program)
{
	enum { NEEDED = 64 << 10 };
	const void *low, *high;
	if (!vsp_plat_stack(&low, &high) ||
	        (const char *)__builtin_frame_address(0) - (const char *)low >= NEEDED - (NEEDED >> 2))
		return true;
	complain(program, "the stack is too small; 'ulimit -s 64' or more sets it");
	return false;
}

static void open_host(int argc, char **argv)
{
	vsp_stdio_host *host = &command.host;
	uint32_t count = argc > 1 ? (uint32_t)argc - 1 : 0;
	vsp_stdio_host_open(host, stdin, stdout, count, count ? (const char *const *)argv + 1 : NULL);
	if (!vsp_plat_is_terminal(1))
		setvbuf(stdout, NULL, _IOFBF, BUFFER);
}

/* argv has the program's name without its folder in front. False: reported. */
static bool open_wasi(int argc, char **argv)
{
	const struct vsp_aot_wasi_calls *wasi = command.instance->program->wasi;
	if (!wasi || wasi->define_command(command.instance, argc, argv) == VSP_OK)
		return true;
	complain(command.program, vsp_aot_last_error(command.instance)->message);
	return false;
}

/* What is behind the folders of a path. */
static char *base_name(char *path)
{
	bool windows = strstr(vsp_aot_module.target, "-windows") != NULL;
	char *slash = strrchr(path, '/'), *back = windows ? strrchr(path, '\\') : NULL;
	char *last = back && (!slash || back > slash) ? back : slash;
	return last ? last + 1 : path;
}

int main(int argc, char **argv)
{
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	if (argc > 0)
		argv[0] = base_name(argv[0]);
	command.program = argc > 0 ? argv[0] : "vsp";
	if (!vsp_plat_prepare_streams())
		return WRONG; /* there is nowhere to report it */
	if (!has_stack(command.program))
		return WRONG;
	open_host(argc, argv);
	config.capabilities = ((const vsp_aot_program *)vsp_aot_module.program)->capabilities;
	config.host = &command.host.table;
	config.backend = backend_asked();
	if (config.backend == UINT32_MAX)
		return complain(command.program, "VSP_BACKEND is not auto, cpu, gpu or npu");
	if (vsp_threads_asked(&config.threads, &error) != VSP_OK)
		return complain(command.program, error.message);
	command.instance = vsp_aot_instantiate(&config, &error);
	if (!command.instance)
		return complain(command.program, error.message);
	command.host.account = &command.instance->rt.account;
	if (open_wasi(argc, argv))
		return vsp_aot_end_command(vsp_aot_run(command.instance));
	vsp_aot_free(command.instance);
	return WRONG;
}
