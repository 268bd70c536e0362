/*
 * The version for systems and builds in which a process cannot give up rights.
 */
#include "platform.h"

#if !defined(VSP_NO_CONFINEMENT)
#define VSP_NO_CONFINEMENT "this system has no means that VSP knows"
#endif

void vsp_plat_confine(const vsp_plat_confinement *c, vsp_plat_confined *result)
{
	(void)c;
	*result = (vsp_plat_confined){.calls = VSP_NO_CONFINEMENT, .files = VSP_NO_CONFINEMENT};
}
