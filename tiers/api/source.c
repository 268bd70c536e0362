/*
 * Source text in the public API: its messages, and the files that a source may name.
 *
 * A source is as untrusted as a program. The files that it includes, and its models, must be
 * ordinary files below the folder of the main source, or below folders that the host has named,
 * after links have been resolved; unless the host says that it may read anything. A file that
 * nobody calls source is never quoted in a message.
 */
#include "api.h"

#include <string.h>

#include "frontend/asm/assembler.h"
#include "ir/arena.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

/* One assembly. */
typedef struct reading {
	const vsp_source_options *options;
	vsp_arena arena; /* folders in which files were found */
} reading;

/* ---- messages ---- */

/* Passes a diagnostic on as text, which is cut when there is no memory for a long one. */
static void report_diagnostic(void *user, const vsp_diagnostic *diagnostic)
{
	const vsp_source_options *options = ((reading *)user)->options;
	if (!options->report)
		return;
	char small[1024], *text = small;
	size_t need = vsp_diagnostic_format(diagnostic, options->color != 0, small, sizeof small);
	if (need >= sizeof small && (text = vsp_alloc(need + 1, 1)) != NULL)
		vsp_diagnostic_format(diagnostic, options->color != 0, text, need + 1);
	options->report(options->user, (int)diagnostic->severity, text ? text : small);
	if (text != small)
		vsp_free_memory(text);
}
static_assert((int)VSP_SEV_ERROR == VSP_REPORT_ERROR && (int)VSP_SEV_WARNING == VSP_REPORT_WARNING &&
                      (int)VSP_SEV_NOTE == VSP_REPORT_NOTE,
        "severities are passed on as they are");

/* ---- where files may be ---- */

/* Is the file with the real path real below a folder? */
static bool is_below(const char *real, const char *folder)
{
	char base[VSP_PLAT_PATH];
	if (vsp_plat_real_path(folder, base, sizeof base))
		return false;
	size_t n = strlen(base);
	if (strcmp(base, ".") == 0) /* where paths are not resolved */
		return !vsp_plat_path_is_absolute(real);
	return strncmp(real, base, n) == 0 && (real[n] == '/' || base[n - 1] == '/');
}

/* The folder of the main source. */
static bool is_below_main(const reading *r, const char *real)
{
	const char *name = r->options->name ? r->options->name : "";
	char folder[VSP_PLAT_PATH];
	size_t n = (size_t)(vsp_plat_path_name(name) - name); /* with the slash */
	if (!n)
		return is_below(real, ".");
	if (n >= sizeof folder)
		return false;
	memcpy(folder, name, n);
	folder[n] = 0;
	return is_below(real, folder);
}

static bool may_read(const reading *r, const char *real)
{
	const vsp_source_options *o = r->options;
	if (o->include_anywhere || is_below_main(r, real))
		return true;
	for (uint32_t i = 0; i < o->include_dir_count; i++)
		if (is_below(real, o->include_dirs[i]))
			return true;
	return false;
}

/* ---- reading them ---- */

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n > m && strcmp(text + n - m, end) == 0;
}

/*
 * Reads the file at path. In messages, and for files that it includes itself, its name is path.
 * False: it does not exist.
 */
static bool read_at(const reading *r, vsp_named_file *file, const char *path)
{
	char real[VSP_PLAT_PATH];
	file->path = path;
	file->why = vsp_plat_real_path(path, real, sizeof real);
	if (file->why)
		return false;
	if (!may_read(r, real)) {
		file->why = "it is outside the folder of the main source; -I names other folders, or "
		            "--include-anywhere allows all";
		return true;
	}
	file->bytes = vsp_plat_real_read(real, file->limit, &file->size, &file->why);
	file->secret = !ends_in(real, ".sil") && !ends_in(real, ".inc");
	if (file->bytes && r->options->opened)
		r->options->opened(r->options->user, path);
	return true;
}

/*
 * Looks beside the file that names it, then in the folders that the host has named, in their order,
 * as C compilers do.
 */
static void read_named(void *user, vsp_named_file *file)
{
	reading *r = user;
	const char *beside = file->path;
	if (read_at(r, file, beside))
		return;
	const char *why = file->why;
	for (uint32_t i = 0; !vsp_plat_path_is_absolute(file->given) && i < r->options->include_dir_count; i++) {
		const char *folder = r->options->include_dirs[i];
		size_t n = strlen(folder), m = strlen(file->given) + 1;
		char *path = vsp_arena_alloc(&r->arena, n + 1 + m);
		if (!path)
			break;
		memcpy(path, folder, n);
		path[n] = '/';
		memcpy(path + n + 1, file->given, m);
		if (read_at(r, file, path))
			return;
	}
	file->path = beside;
	file->why = why;
}

/* ---- assembling ---- */

vsp_module *vsp_source_assemble(const char *source, size_t size, const vsp_source_options *options, vsp_error *error)
{
	reading r = {.options = options, .arena = VSP_ARENA_INIT};
	vsp_assemble_options how = {.file = options->name ? options->name : "<source>",
	        .report = report_diagnostic,
	        .user = &r,
	        .read_file = options->no_includes ? NULL : read_named,
	        .no_lines = options->no_lines != 0};
	vsp_module *module = vsp_module_wrap(vsp_assemble_source(source, size, &how, error), error);
	vsp_arena_free(&r.arena);
	return module;
}

bool vsp_source_options_copy(vsp_source_options *own, const vsp_source_options *options, vsp_error *error)
{
	if (options)
		vsp_copy_sized(own, sizeof *own, options, options->size);
	bool wrong = own->include_dir_count && !own->include_dirs;
	if (wrong)
		vsp_error_set(error, VSP_E_ARGUMENT, "include_dirs is null");
	return !wrong;
}

vsp_module *vsp_assemble(const char *source, size_t size, const vsp_source_options *options, vsp_error *error)
{
	vsp_error_clear(error);
	vsp_source_options own = VSP_SOURCE_INIT;
	if (!source && size) {
		vsp_error_set(error, VSP_E_ARGUMENT, "source is null");
		return NULL;
	}
	if (!vsp_source_options_copy(&own, options, error))
		return NULL;
	return vsp_source_assemble(source ? source : "", size, &own, error);
}
