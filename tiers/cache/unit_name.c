/* Names of the files of units in the code cache: function, place and tier. */
#include "cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void vsp_cache_unit_name(const vsp_cache_unit *unit, char name[VSP_CACHE_NAME])
{
	snprintf(name, VSP_CACHE_NAME, "f%" PRIu32 "-%" PRIu32 ".t%" PRIu32, unit->func, unit->pc, unit->tier);
}

bool vsp_cache_parse_name(const char *name, vsp_cache_unit *unit)
{
	char again[VSP_CACHE_NAME];
	if (sscanf(name, "f%" SCNu32 "-%" SCNu32 ".t%" SCNu32, &unit->func, &unit->pc, &unit->tier) != 3)
		return false;
	vsp_cache_unit_name(unit, again);
	return strcmp(name, again) == 0;
}
