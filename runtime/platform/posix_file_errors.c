/*
 * The numbers of errors in files.h for those of POSIX.
 */
#include "posix_files.h"

#include <errno.h>

static const struct {
	int own, number;
} errors[] = {
#define ERRNO(NAME, number) {E##NAME, number},
#include "errnos.def"
        {EOPNOTSUPP, VSP_FILE_NOTSUP}, {EWOULDBLOCK, VSP_FILE_AGAIN}};

int vsp_posix_file_error(int number)
{
	if (number == 0)
		return 0;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].own == number)
			return errors[i].number;
	return VSP_FILE_IO;
}
