/*
 * The version of memory for code for systems that let a process change the protection of its pages:
 * all but macOS.
 */
#include "code_memory.h"
#include "platform.h"

void *vsp_code_reserve(uint64_t bytes) { return vsp_plat_reserve_anywhere(bytes); }

bool vsp_code_commit(void *code, void *data, uint64_t bytes)
{
	return vsp_plat_commit(code, bytes) && vsp_plat_commit(data, bytes);
}

bool vsp_code_seal(void *code, void *data, uint64_t bytes)
{
	return vsp_plat_make_executable(code, bytes) && vsp_plat_make_read_only(data, bytes);
}

bool vsp_code_decommit(void *code, void *data, uint64_t bytes)
{
	bool gone = vsp_plat_decommit(code, bytes);
	return vsp_plat_decommit(data, bytes) && gone;
}
