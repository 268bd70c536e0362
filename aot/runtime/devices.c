/*
 * Device code in compiled programs: the compiler has put it into a table (aot/devices.c), from
 * which the providers for devices get it.
 */
#include "instance.h"

#include "runtime/backends/device_code.h"

const char *vsp_aot_find_unit(void *user, unsigned format, uint32_t kernel, vsp_device_code *code)
{
	const vsp_aot_program *program = vsp_aot_module.program;
	(void)user;
	for (uint32_t i = 0; i < program->unit_count; i++) {
		const vsp_aot_unit *u = &program->units[i];
		if (u->kernel != kernel || u->format != format)
			continue;
		*code = (vsp_device_code){(uint8_t *)(uintptr_t)u->bytes, (size_t)u->size, u->needs}; /* only read */
		return u->why;
	}
	return "the program was compiled without device code of it";
}
