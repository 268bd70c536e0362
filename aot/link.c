/*
 * Shared objects and executables: a C compiler's driver, found at run time, links the objects.
 * The output is made in the job's folder of temporary files, under its final name, which Windows'
 * linkers write into it, and renamed, so that it is there whole or not at all.
 */
#include "job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "runtime/base/error.h"

/* ---- the command ---- */

/* No data stays writable after the loader has relocated it, and the stack is not executable. */
static void add_hardening(aot_command *c)
{
	static const char *const words[] = {"-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"};
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
		aot_add_word(c, words[i]);
}

static void add_kind(aot_job *job, aot_command *c)
{
	bool shared = job->options.kind == AOT_SHARED;
	aot_add_word(c, shared ? "-shared" : NULL);
	if (job->known.holds &
	        AOT_APPLE) { /* objects with handlers are never unloaded there, as they have thread-local data */
		aot_add_word(c, "-Wl,-S");
		aot_add_word(c, "-Wl,-dead_strip");
		return;
	}
	if (job->known.holds & AOT_WINDOWS) {
		aot_add_word(c, "-static-libgcc");
		aot_add_word(c, "-Wl,--no-insert-timestamp"); /* the same input gives the same bytes */
		/* Otherwise the address of a shared object follows from its path; stacks are as
		   large as on Linux. */
		aot_add_word(c, shared ? "-Wl,--image-base,0x180000000" : "-Wl,--stack,8388608");
	} else {
		add_hardening(c);
		aot_add_word(c, shared ? "-Wl,-z,nodelete" : NULL); /* a signal handler may be in it */
		aot_add_word(
		        c, shared ? "-Wl,-Bsymbolic" : NULL); /* another program's entry points have the same names */
	}
	aot_add_word(c, "-Wl,--strip-debug");
	aot_add_word(c, "-Wl,--gc-sections");
}

/* Modules for WebAssembly: the exports that aot/js/vsp.mjs needs in addition to the entry points,
   which are marked as exported. */
static void add_wasm(aot_command *c)
{
	static const char *const words[] = {"-nostartfiles", "-Wl,--export=vsp_aot_module", "-Wl,--export=malloc",
	        "-Wl,--export=free", "-Wl,--export=__stack_pointer", "-Wl,--export=__wasm_call_ctors",
	        "-Wl,--export-table", "-Wl,--growable-table", "-Wl,--stack-first", "-Wl,-z,stack-size=4194304",
	        "-Wl,--strip-all", "-lwasi-emulated-signal"};
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
		aot_add_word(c, words[i]);
}

static void add_target(aot_job *job, aot_command *c, bool clang)
{
	const char *sysroot = job->native ? NULL : aot_variable("VSP_SYSROOT");
	if (clang && !job->native)
		aot_add_word(c, aot_format(job, "--target=%s", job->known.gnu));
	if (sysroot)
		aot_add_word(c, aot_format(job, "--sysroot=%s", sysroot));
}

/* The objects of the runtime and of the table of places, when there are any, are beside the
   program's. */
static const char *runtime_name(aot_job *job, const char *object)
{
	return job->object ? aot_format(job, "%s.runtime.o", object) : NULL;
}

static const char *table_name(aot_job *job, const char *object)
{
	return job->table ? aot_format(job, "%s.places.o", object) : NULL;
}

static aot_command link_command(aot_job *job, bool clang, const char *object, const char *made)
{
	aot_command c = {.words = {""}, .count = 1};
	add_target(job, &c, clang);
	if (job->known.wasm)
		add_wasm(&c);
	else
		add_kind(job, &c);
	aot_add_word(&c, "-o");
	aot_add_word(&c, made);
	aot_add_word(&c, object);
	aot_add_word(&c, table_name(job, object));
	aot_add_word(&c, runtime_name(job, object));
	aot_add_word(&c, "-lm");
	aot_add_word(&c, job->known.holds & (AOT_WINDOWS | AOT_WASI) ? NULL : "-pthread");
	return c;
}

/* ---- running it ---- */

static vsp_status report_missing(aot_job *job, const char *command)
{
	const char *chosen = aot_variable("VSP_CC");
	if (chosen && job->native)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "there is no '%s', which VSP_CC names to link with; .o and .a can be made without. The "
		        "command: %s",
		        chosen, command);
	if (job->native)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "linking needs a C compiler (cc, clang or gcc, or what VSP_CC names), and none is installed; "
		        ".o and .a can be made without. The command: %s",
		        command);
	const char *package = job->known.linker;
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
	        "linking for '%s' needs %s-gcc%s%s%s, or clang and lld, or what VSP_CC names; .o and .a can be made "
	        "without. The command: %s",
	        job->triple, job->known.gnu, package ? " (on Debian the package " : "", package ? package : "",
	        package ? ")" : "", command);
}

/*
 * The linker's output as one line, as far as the command still fits after it: in whole lines, if it
 * has any.
 */
static const char *reason(aot_job *job, const char *output)
{
	enum { ROOM = 256 };
	const char *text = "";
	for (size_t n = strcspn(output, "\n"), room = ROOM; text && *output; n = strcspn(output, "\n")) {
		if (n > room && *text)
			break;
		n = n < room ? n : room;
		if (n)
			text = aot_format(job, "%s%s%.*s", text, *text ? "; " : "", (int)n, output);
		room -= n;
		output += n + (output[n] == '\n');
	}
	return text && *text ? text : "the linker does not say why";
}

static vsp_status report(aot_job *job, vsp_plat_run_result result, const aot_command *c)
{
	if (result == VSP_PLAT_RUN_DONE && c->status == 0) /* for which no text is needed, nor memory */
		return VSP_OK;
	const char *text = aot_command_text(job, c);
	if (result == VSP_PLAT_RUN_MISSING)
		return report_missing(job, text);
	if (result == VSP_PLAT_RUN_FAILED)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "cannot start the linker: %s", text);
	return vsp_error_set(
	        job->error, VSP_E_UNSUPPORTED, "linking failed: %s; the command: %s", reason(job, c->output), text);
}

/* The driver that VSP_CC names; clang is told the target, others are expected to be made for it. */
static vsp_status link_chosen(aot_job *job, const char *name, const char *object, const char *made)
{
	const char *const names[] = {name, NULL};
	aot_command c = link_command(job, strstr(name, "clang") != NULL, object, made);
	vsp_plat_run_result result = aot_run_command(job, &c, names);
	return report(job, result, &c);
}

static vsp_status link_native(aot_job *job, const char *object, const char *made)
{
	static const char *const names[] = {"cc", "clang", "clang-" AOT_LLVM_MAJOR, "gcc", NULL};
	aot_command c = link_command(job, false, object, made);
	vsp_plat_run_result result = aot_run_command(job, &c, names);
	return report(job, result, &c);
}

/* The gcc for the target, whose linker fits; else clang, whose own linker knows all targets. */
static vsp_status link_other(aot_job *job, const char *object, const char *made)
{
	static const char *const clangs[] = {"clang-" AOT_LLVM_MAJOR, "clang", NULL};
	const char *gccs[] = {aot_format(job, "%s-gcc", job->known.gnu), NULL};
	aot_command c = link_command(job, false, object, made);
	vsp_plat_run_result result = aot_run_command(job, &c, gccs);
	if (result == VSP_PLAT_RUN_MISSING) {
		c = link_command(job, true, object, made);
		aot_add_word(&c, "-fuse-ld=lld");
		result = aot_run_command(job, &c, clangs);
	}
	return report(job, result, &c);
}

static vsp_status fail_write(aot_job *job, const char *why)
{
	return vsp_error_set(job->error, VSP_E_IO, "cannot write '%s': %s", job->path, why);
}

/* Of macOS there is nothing that could be installed here; the linker would only name the first
   library. */
static vsp_status require_sdk(aot_job *job)
{
	if (job->native || !(job->known.holds & AOT_APPLE) || aot_variable("VSP_SYSROOT") || aot_variable("VSP_CC"))
		return VSP_OK;
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
	        "linking for '%s' needs the SDK of macOS: VSP_SYSROOT names its folder, or VSP_CC a compiler that "
	        "has it; .o and .a can be made without",
	        job->triple);
}

static vsp_status link_files(aot_job *job, const char *object, const char *made)
{
	const char *chosen = aot_variable("VSP_CC");
	if (require_sdk(job) != VSP_OK)
		return job->error->code;
	vsp_status status = chosen        ? link_chosen(job, chosen, object, made)
	                    : job->native ? link_native(job, object, made)
	                                  : link_other(job, object, made);
	if (status == VSP_OK && rename(made, job->path) != 0)
		return fail_write(job, strerror(errno));
	return status;
}

vsp_status aot_link(aot_job *job, const void *object, size_t size)
{
	const char *slash = strrchr(job->path, '/'), *name = slash ? slash + 1 : job->path;
	bool exe = job->options.kind == AOT_EXECUTABLE &&
	           job->known.holds & AOT_WINDOWS; /* gcc adds it to names without */
	const char *why = vsp_plat_file_replaceable(job->path);
	if (why)
		return fail_write(job, why);
	const char *folder = aot_scratch(job), *made = NULL, *input = NULL, *runtime = NULL, *table = NULL;
	if (folder) {
		made = aot_format(job, "%s/%s%s", folder, name, exe ? ".exe" : "");
		input = aot_format(job, "%s/%s.o", folder, name);
		runtime = input ? runtime_name(job, input) : NULL;
		table = input ? table_name(job, input) : NULL;
	}
	if (!made || !input || (job->object && !runtime) || (job->table && !table))
		return job->error->code;
	why = vsp_plat_file_write(input, object, size);
	if (!why && runtime)
		why = vsp_plat_file_write(runtime, job->object, job->object_size);
	if (!why && table)
		why = vsp_plat_file_write(table, job->table, job->table_size);
	return why ? fail_write(job, why) : link_files(job, input, made);
}
