/*
 * The folder of a job's temporary files: beside its output, so that a file made there can be
 * renamed to it, accessible by this user alone, and removed when the job ends. Linkers and
 * compilers may leave unknown files there. A caller that must clean up after a killed process names
 * the folder (--scratch); otherwise its name is random.
 */
#include "job.h"

#include "runtime/base/error.h"
#include "runtime/platform/random_name.h"

const char *aot_scratch(aot_job *job)
{
	char digits[VSP_RANDOM_DIGITS];
	const char *name = job->options.scratch;
	if (job->scratch || job->error->code != VSP_OK)
		return job->scratch;
	vsp_random_digits(digits);
	if (!name)
		name = aot_format(job, "%s.%s", job->path, digits);
	/* A name that begins with - or @ is something else to a linker. */
	if (name && *name != '/' && *name != '.')
		name = aot_format(job, "./%s", name);
	if (!name)
		return NULL;
	const char *why = vsp_plat_make_own_folder(name);
	if (!why)
		return job->scratch = name;
	vsp_error_set(job->error, VSP_E_IO, "cannot write '%s': %s", job->path, why);
	return NULL;
}

const char *aot_scratch_file(aot_job *job, const char *name)
{
	const char *folder = aot_scratch(job);
	return folder ? aot_format(job, "%s/%s", folder, name) : NULL;
}

void aot_remove_scratch(aot_job *job)
{
	if (job->scratch)
		vsp_plat_remove_folder(job->scratch);
	job->scratch = NULL;
}
