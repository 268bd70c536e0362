/* Writes a whole file as an output of the platform, see platform.h. */
#include "platform.h"

const char *vsp_plat_file_write(const char *path, const void *data, size_t size)
{
	const char *why;
	vsp_plat_output *o = vsp_plat_output_open(path, &why);
	return o ? vsp_plat_output_finish(o, data, size) : why;
}
