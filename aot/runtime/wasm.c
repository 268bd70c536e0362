/*
 * WebAssembly modules: the start of commands, and recovery for hosts in JavaScript when the
 * engine's stack is used up. aot/js/vsp.mjs is the other side of this file and relies on the
 * offsets below.
 *
 * The engine decides how deep calls may nest, and cannot be asked for the limit: it throws an
 * exception that unwinds all frames of the module. They own nothing except the state that is
 * restored here.
 */
#include <stdlib.h>

#include "instance.h"
#include "runtime/helpers.h"
#include "runtime/platform/thread.h"
#include "runtime/run_end.h"

#define AT(type, member, offset) \
	static_assert(offsetof(type, member) == (offset), "vsp.mjs relies on " #type "." #member)
AT(vsp_error, code, 4);
AT(vsp_error, message, 8);
AT(vsp_error, file, 520);
AT(vsp_error, line, 776);
AT(vsp_error, column, 780);
AT(vsp_error, trap, 792);
AT(vsp_error, trap_code, 796);
AT(vsp_error, pc, 800);
AT(vsp_error, function, 804);
AT(vsp_error, frames, 868);
AT(vsp_error, trace, 872);
static_assert(sizeof(vsp_error) == 2024 && sizeof(vsp_frame) == 72, "vsp.mjs relies on vsp_error's size");
AT(vsp_aot_config, abi_version, 4);
AT(vsp_aot_config, capabilities, 8);
AT(vsp_aot_config, max_memory, 16);
AT(vsp_aot_config, fuel, 24);
AT(vsp_aot_config, host, 32);
AT(vsp_aot_config, threads, 36);
static_assert(sizeof(vsp_aot_config) == 48, "vsp.mjs relies on vsp_aot_config's size");
AT(vsp_host, yield, 8);
AT(vsp_host, read_line, 48);
AT(vsp_host, arg_count, 52);
AT(vsp_host, random_u64, 64);
AT(vsp_host, flush, 68);
static_assert(sizeof(vsp_host) == 72, "vsp.mjs relies on vsp_host's size");
AT(vsp_aot_descriptor, abi_version, 4);
AT(vsp_aot_descriptor, import_count, 40);
AT(vsp_aot_descriptor, function_count, 44);
AT(vsp_aot_descriptor, imports, 48);
AT(vsp_aot_descriptor, functions, 52);
AT(vsp_aot_function, params, 4);
AT(vsp_aot_function, results, 8);
AT(vsp_aot_function, exported, 16);
static_assert(sizeof(vsp_aot_function) == 20, "vsp.mjs relies on vsp_aot_function's size");

/* wasi-libc's: constructors, and main with the arguments of the command. */
void __wasm_call_ctors(void);
int __main_void(void);

/* The entry that engines run as a command. Hosts in JavaScript do not call it; they call the
   constructors themselves. */
void vsp_wasm_start(void)
{
	__wasm_call_ctors();
	exit(__main_void());
}

/* Ends the outermost run of an instance, all of whose frames the engine has left. Traps
   CALL_DEPTH; the instance can be used again. */
vsp_status vsp_wasm_exhausted(vsp_aot_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	instance->active = 0;
	rt->calls = rt->depth = rt->lent = 0;
	rt->ranges = NULL;
	vsp_plat_host_leave(NULL);
	vsp_rt_leave(rt, (vsp_rt_outside){0});
	vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, "the machine's stack is used up");
	vsp_trap_at(rt, VSP_NO_PC, VSP_NO_PC);
	vsp_aot_report_trap(instance);
	return VSP_TRAPPED;
}

/* The same for the command's own instance, and the end of the command. */
_Noreturn void vsp_wasm_command_exhausted(void)
{
	exit(vsp_aot_end_command(vsp_wasm_exhausted(vsp_aot_command_instance())));
}
