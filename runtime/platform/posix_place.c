/*
 * The version for systems that do not let a program choose where threads begin, or not by the means
 * of POSIX: the system chooses.
 */
#include "posix_place.h"

void vsp_posix_place_elsewhere(vsp_posix_place *place, pthread_attr_t *attributes)
{
	(void)place;
	(void)attributes;
}

void vsp_posix_place_anywhere(const vsp_posix_place *place) { (void)place; }
