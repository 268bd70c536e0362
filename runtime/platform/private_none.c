/*
 * Private files where nobody asks who may write to a file: each is refused, see platform.h.
 */
#include "platform.h"

const char *vsp_plat_private_directory(const char *path)
{
	(void)path;
	return "on this system, VSP does not find out who may write to files";
}

uint8_t *vsp_plat_private_read(const char *path, uint64_t limit, size_t *size, const char **error)
{
	(void)limit, (void)size;
	*error = vsp_plat_private_directory(path);
	return NULL;
}

const char *vsp_plat_private_write(const char *path, const void *data, size_t size)
{
	(void)data, (void)size;
	return vsp_plat_private_directory(path);
}
