/*
 * Combinations of options: which are errors, and which options of them have no effect.
 */
#include "vspc.h"

#include <errno.h>
#include <string.h>

#include "runtime/platform/platform.h"

static bool is_dash(const char *path) { return path && strcmp(path, "-") == 0; }

/* ---- commands that take no program ---- */

/* Nothing but messages is chosen for them; --cache says where the measured constants are. */
static int check_alone(const vspc_options *o, const char *command)
{
	for (int i = 0; i < VSPC_OPTIONS; i++) {
		const vspc_option *option = &vspc_option_table[i];
		bool taken = option->group == VSPC_GROUP_OTHER || i == (int)o->command ||
		             (i == VSPC_CACHE && o->command == VSPC_LIST_BACKENDS);
		if (o->seen[i] && !taken)
			return vspc_error("'%s' is for a program, and '%s' takes none", option->spelling, command);
	}
	const char *word = o->file ? o->file : o->arg_count ? o->args[0] : NULL;
	return word ? vspc_error("'%s' takes no file or argument, but '%s' is given", command, word) : 0;
}

/* ---- standard streams ---- */

/* Where '-' would be a file of that name, silently. */
static int check_streams(const vspc_options *o)
{
	const struct {
		vspc_option_id id;
		const char *path;
	} files[] = {{VSPC_TRACE, o->trace}, {VSPC_PROFILE_OUT, o->profile_out}, {VSPC_EMIT_LLVM, o->emit_llvm},
	        {VSPC_PROFILE_USE, o->profile_use}};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (is_dash(files[i].path))
			return vspc_error("'%s' takes a file, and no standard stream, which is the program's; './-' "
			                  "is a file called '-'",
			        vspc_option_table[files[i].id].spelling);
	for (uint32_t i = 0; i < o->model_count; i++)
		if (is_dash(strchr(o->models[i], '=') + 1))
			return vspc_error("'--model' takes a file, and no standard stream, which is the program's; "
			                  "'./-' is a file called '-'");
	return 0;
}

/* What '-' says is so without the options. */
static void take_streams(vspc_options *o)
{
	o->input = is_dash(o->input) ? NULL : o->input;
	o->output = is_dash(o->output) ? NULL : o->output;
}

/* ---- the kind of an output ---- */

/* Files that --aot makes, by their suffixes, are none of bytecode. */
static int check_out_name(const vspc_options *o, const char *command)
{
	static const char *const suffixes[] = {
#define KIND(NAME, suffix, runtime, text) suffix,
#include "aot/kinds.def"
	};
	static const char *const kinds[] = {
#define KIND(NAME, suffix, runtime, text) text,
#include "aot/kinds.def"
	};
	const char *dot = o->out ? strrchr(vsp_plat_path_name(o->out), '.') : NULL;
	bool bytecode = o->command == VSPC_ASM || o->command == VSPC_TRANSLATE;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes && dot && bytecode; i++)
		if (strcmp(dot, suffixes[i]) == 0)
			return vspc_error("'%s' writes bytecode (.silc), and '%s' is the name of %s, which '--aot' "
			                  "makes",
			        o->cc ? "--cc" : command, o->out, kinds[i]);
	return 0;
}

/* ---- contradictions ---- */

static int check_capabilities(const vspc_options *o)
{
	static const char *const names[] = {
#define CAPABILITY(NAME, bit, name) [bit] = name,
#include "runtime/capabilities.def"
	};
	uint32_t both = o->allowed_by_name & o->denied_by_name;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (both >> i & 1)
			return vspc_error("'--allow' and '--deny' both name '%s'", names[i]);
	return 0;
}

/* ---- options without effect ---- */

/* A note, because commands are put together by others, as for --dir. */
static void note(const vspc_options *o, vspc_option_id id, const char *why)
{
	if (o->seen[id] && !o->quiet)
		fprintf(stderr, "vspc: note: '%s' has no effect %s\n", vspc_option_table[id].spelling, why);
}

static void note_folders(const vspc_options *o)
{
	for (uint32_t i = 0; i < o->include_dir_count && !o->quiet; i++) {
		vsp_plat_stamp stamp;
		errno = 0; /* it stays 0 where the platform cannot tell */
		bool there = vsp_plat_file_stamp(o->include_dirs[i], &stamp);
		if (there ? stamp.is_directory : !errno)
			continue;
		fputs("vspc: note: '-I ", stderr);
		vspc_show_text(stderr, o->include_dirs[i]);
		fprintf(stderr, "' has no effect: %s\n", there ? "it is no folder" : "there is no such folder");
	}
}

static void note_needless(const vspc_options *o)
{
	int tier = o->config.tier;
	note_folders(o);
	if (tier == VSP_TIER_AUTO)
		note(o, VSPC_ASYNC, "without '--tier=1' or '--tier=2'");
	if (tier != VSP_TIER_AUTO && !o->async) {
		note(o, VSPC_TIER1_THRESHOLD, "where '--tier' names a tier");
		note(o, VSPC_TIER2_THRESHOLD, "where '--tier' names a tier");
	}
}

/* ---- the checks ---- */

/* An option without effect was meant for another command: an error. */
static int check_uses(const vspc_options *o, const char *command)
{
	bool run = o->command == VSPC_RUN, aot = o->command == VSPC_AOT;
	const char *const *given = o->given;
	if (given[VSPC_FOR_RUN] && !run)
		return vspc_error("'%s' needs a run, and '%s' is none", given[VSPC_FOR_RUN], command);
	if (given[VSPC_FOR_CC] && !o->cc)
		return vspc_error("'%s' is for '--cc'", given[VSPC_FOR_CC]);
	if (given[VSPC_FOR_AOT_OR_CC] && !aot && !o->cc)
		return vspc_error("'%s' is for '--aot' and '--cc'", given[VSPC_FOR_AOT_OR_CC]);
	if (given[VSPC_FOR_AOT] && !aot)
		return vspc_error("'%s' is for '--aot'", given[VSPC_FOR_AOT]);
	if (given[VSPC_FOR_RUN_OR_AOT] && !run && !aot)
		return vspc_error("'%s' is for '--run' and '--aot'", given[VSPC_FOR_RUN_OR_AOT]);
	return 0;
}

/* Is the CPU's execution provider asked for, whatever its options? */
static bool is_cpu(const char *npu) { return strncmp(npu, "cpu", 3) == 0 && (!npu[3] || npu[3] == ','); }

/* Checks what --cc compiles, and that nothing else is. */
static int check_sources(const vspc_options *o)
{
	for (uint32_t i = 0; i < o->source_count && !o->cc; i++)
		if (vspc_is_c(o->sources[i]))
			return vspc_check_kind(o->sources[i], NULL, 0);
	if (o->source_count > 1 && !o->cc)
		return vspc_error("more than one input file: '%s' and '%s'; arguments for the program go behind '--'",
		        o->sources[0], o->sources[1]);
	if (o->cc && o->command == VSPC_ASM)
		return vspc_error("'--cc' and '--asm' cannot be used together");
	for (uint32_t i = 0; i < o->source_count && o->cc; i++)
		if (strcmp(o->sources[i], "-") == 0)
			return vspc_error("'--cc' compiles files, not standard input");
	if (o->cc && o->level && !(strlen(o->level) == 1 && strchr("0123sz", *o->level)))
		return vspc_error("'%s' is no value for '-O'; it takes 0, 1, 2, 3, s or z", o->level);
	return 0;
}

/* Standard input can be read once. */
static int check_stdin(const vspc_options *o)
{
	uint32_t readers = (uint32_t)is_dash(o->file) + is_dash(o->input);
	for (uint32_t i = 0; i < o->preload_count; i++)
		readers += strcmp(strchr(o->preloads[i], '='), "=-") == 0;
	return readers > 1 ? vspc_error("standard input ('-') can be only one of the program, its '--input' and the "
	                                "preloaded modules")
	                   : 0;
}

/* Checks of combinations of options. */
int vspc_check_together(vspc_options *o)
{
	if (o->command == VSPC_HELP)
		return 0;
	const char *command = vspc_option_table[o->command].spelling;
	if (o->command == VSPC_VERSION || o->command == VSPC_LIST_BACKENDS)
		return check_alone(o, command);
	if (!o->file)
		return vspc_error(
		        "no input file; %s", o->invoke ? "it" VSPC_BEFORE_INVOKE : "'vspc --help' shows what to say");
	if (check_sources(o) || check_stdin(o) || check_streams(o))
		return VSPC_WRONG;
	take_streams(o);
	if ((o->command == VSPC_ASM || o->command == VSPC_TRANSLATE) && !o->out)
		return vspc_error("'%s' needs '-o OUT.silc'", command);
	if (o->command == VSPC_AOT && (!o->out || strcmp(o->out, "-") == 0))
		return vspc_error("'--aot' needs '-o OUT', a file whose suffix says what to make");
	if (o->out && (o->command == VSPC_RUN || o->command == VSPC_VERIFY))
		return vspc_error("'%s' writes nothing to '-o'; did you mean '--asm' or '--output'?", command);
	if (check_out_name(o, command) || check_capabilities(o))
		return VSPC_WRONG;
	if (o->async && o->config.sync_compile)
		return vspc_error("'--async' and '--sync-compile' cannot be used together");
	const char *alone = o->config.tier == VSP_TIER_INTERP     ? "interp"
	                    : o->config.tier == VSP_TIER_BASELINE ? "baseline"
	                                                          : NULL;
	if (o->async && alone)
		return vspc_error(
		        "'--async' and '--tier=%s' cannot be used together: the compiler has nothing to do", alone);
	if (o->profile_out && o->config.tier == VSP_TIER_2)
		return vspc_error(
		        "'--profile-out' and '--tier=2' cannot be used together: optimised code does not count");
	if (o->config.observe & (VSP_OBSERVE_PERF | VSP_OBSERVE_GDB) && o->config.tier == VSP_TIER_INTERP)
		return vspc_error("'--perf' and '--gdb' show code that was made, and '--tier=interp' makes none");
	if (o->emit_llvm && alone)
		return vspc_error(
		        "'--emit-llvm' and '--tier=%s' cannot be used together: the compiler has nothing to do", alone);
	if (o->config.spectre && o->config.bounds == VSP_CONFIG_BOUNDS_GUARD)
		return vspc_error("'--spectre=mask' and '--bounds=guard' cannot be used together: what is masked are "
		                  "checked addresses");
	if (o->command == VSPC_RUN && o->config.no_signals && o->config.bounds == VSP_CONFIG_BOUNDS_GUARD)
		return vspc_error(
		        "'--no-signals' and '--bounds=guard' cannot be used together: guard pages are caught by "
		        "a signal handler");
	if (o->command == VSPC_RUN && o->config.npu && !o->no_sandbox && !is_cpu(o->config.npu))
		return vspc_error("'--npu=%s' needs '--no-sandbox': a device's driver does what confined programs must "
		                  "not",
		        o->config.npu);
	int wrong = check_uses(o, command);
	if (!wrong)
		note_needless(o);
	if (!wrong && o->command == VSPC_RUN)
		wrong = vspc_wasi_check_inherited(o);
	return wrong ? wrong : vspc_files_check(o);
}
