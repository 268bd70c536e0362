/* Where threads begin on systems that let no program choose, or not by POSIX's means: wherever the system likes. */
#include "posix_place.h"

void vsp_posix_place_elsewhere(vsp_posix_place *place, pthread_attr_t *attributes)
{
	(void)place;
	(void)attributes;
}

void vsp_posix_place_anywhere(const vsp_posix_place *place) { (void)place; }
