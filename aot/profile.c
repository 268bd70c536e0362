/*
 * The counts of an earlier run, from the file that --profile-use names.
 */
#include "job.h"

#include "ir/profile_text.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

enum { MOST_BYTES = 1 << 30 };

vsp_status aot_read_profile(aot_job *job)
{
	const char *path = job->options.profile, *why = NULL;
	size_t size;
	if (!path)
		return VSP_OK;
	uint8_t *bytes = vsp_plat_file_read(path, MOST_BYTES, &size, &why);
	if (!bytes)
		return vsp_error_set(job->error, VSP_E_IO, "cannot read '%s': %s", path, why);
	vsp_error error = VSP_ERROR_INIT;
	job->profile = vsp_profile_create(job->data);
	if (!job->profile)
		vsp_error_set(&error, VSP_E_MEMORY, "out of memory");
	else
		vsp_profile_read_text(job->profile, job->hash, (const char *)bytes, size, &error);
	vsp_plat_file_free(bytes, size);
	if (error.code == VSP_OK)
		return VSP_OK;
	return vsp_error_set(
	        job->error, error.code == VSP_E_FORMAT ? VSP_E_ARGUMENT : error.code, "'%s': %s", path, error.message);
}
