/*
 * What a run of vspc still needs of the system once its files are open, and how it says what it has given up.
 */
#include "vspc.h"

#include <string.h>

#include "tiers/jit.h"

#if !defined(VSP_COMPILER_ALONE) /* does the compiler library need no other that vspc has not? */
#define VSP_COMPILER_ALONE false
#endif

enum { MAX_FOLDERS = 8, PATH_ROOM = 4096 };

typedef struct needs {
	const char *folders[MAX_FOLDERS + 1];
	char parents[MAX_FOLDERS]
	            [PATH_ROOM]; /* of files that appear all at once, through a temporary one beside them */
	unsigned count;
} needs;

static void need_folder(needs *n, const char *folder)
{
	if (folder && n->count < MAX_FOLDERS)
		n->folders[n->count++] = folder;
}

static void need_parent(needs *n, const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	size_t size = slash ? (size_t)(slash - file) + 1 : 0;
	if (!file || n->count == MAX_FOLDERS || size >= PATH_ROOM)
		return;
	char *parent = n->parents[n->count];
	if (size)
		memcpy(parent, file, size);
	strcpy(parent + size, ".");
	need_folder(n, parent);
}

static void confine(const vspc_options *options, vsp_plat_confined *result)
{
	needs n = {.count = 0};
	need_folder(&n, options->config.cache);
	need_parent(&n, options->trace);
	need_parent(&n, options->profile_out);
	need_parent(&n, options->emit_llvm);
	if (options->config.observe & VSP_OBSERVE_PASSES)
		need_folder(&n, "/tmp"); /* LLVM tells times only through a file, see tiers/llvm/pass_timer.c */
	bool compiles = options->config.tier != VSP_TIER_INTERP;
	vsp_plat_confinement confinement = {.folders = n.folders,
	        .library = compiles ? VSP_JIT_LIBRARY : NULL,
	        .library_alone = VSP_COMPILER_ALONE,
	        .careful = options->config.spectre != VSP_SPECTRE_OFF};
	vsp_plat_confine(&confinement, result);
}

void vspc_confine(const vspc_options *options, vsp_plat_confined *result)
{
	char text[256];
	if (options->no_sandbox)
		result->calls = result->files = "--no-sandbox";
	else
		confine(options, result);
	vspc_sandbox_text(result, text, sizeof text);
	if (options->verbose)
		fprintf(stderr, "vspc: sandbox: %s\n", text);
}

void vspc_sandbox_text(const vsp_plat_confined *confined, char *out, size_t size)
{
	const char *calls = confined->calls, *files = confined->files;
	if (!calls && !files)
		snprintf(out, size, "system calls and files");
	else if (!calls)
		snprintf(out, size, "system calls; not files: %s", files);
	else if (!files)
		snprintf(out, size, "files; not system calls: %s", calls);
	else
		snprintf(out, size, "none: %s", calls);
}
