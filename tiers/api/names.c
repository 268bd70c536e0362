/*
 * Names of statuses and traps, the version, and the struct copying that lets callers be older or
 * newer than the library.
 */
#include "api.h"

#include <string.h>

#include "runtime/trap.h"

const char *vsp_version(void) { return VSP_VERSION; }

const char *vsp_status_name(vsp_status status)
{
	static const char *const names[] = {
#define NAME(s) [s] = #s
	        NAME(VSP_OK), NAME(VSP_HALTED), NAME(VSP_TRAPPED), NAME(VSP_E_ARGUMENT), NAME(VSP_E_MEMORY),
	        NAME(VSP_E_IO), NAME(VSP_E_FORMAT), NAME(VSP_E_SYNTAX), NAME(VSP_E_LINK), NAME(VSP_E_UNSUPPORTED),
	        NAME(VSP_E_HOST)
#undef NAME
	};
	static_assert(sizeof names / sizeof *names == VSP_E_HOST + 1, "every status has a name");
	return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *vsp_trap_name(vsp_trap trap) { return vsp_trap_kind_name((uint32_t)trap); }

const char *vsp_trap_text(vsp_trap trap) { return vsp_trap_kind_text((uint32_t)trap); }
