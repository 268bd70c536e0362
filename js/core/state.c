/*
 * The state of an instance for JavaScript: registers, memory, output and counts. core_state takes a
 * view of the state, whose parts the functions after it return.
 */
#include "core.h"

static vsp_state_view state = VSP_STATE_INIT;

CORE_EXPORT(void, core_state, (const vsp_instance *instance)) { vsp_state(instance, &state); }
/* R0..RF, 16 64-bit integers, and G, 16 floats. */
CORE_EXPORT(int64_t *, core_state_r, (void)) { return state.r; }
CORE_EXPORT(float *, core_state_g, (void)) { return state.g; }
CORE_EXPORT(uint32_t, core_state_end, (void)) { return state.end; }
CORE_EXPORT(uint32_t, core_state_exit_code, (void)) { return state.exit_code; }
CORE_EXPORT(uint32_t, core_state_pc, (void)) { return state.pc; }
CORE_EXPORT(uint32_t, core_state_sp, (void)) { return state.sp; }
CORE_EXPORT(uint32_t, core_state_sr, (void)) { return state.sr; }
CORE_EXPORT(uint32_t, core_state_mode, (void)) { return state.mode; }

/* The address of linear address 0; core_size is the memory's size. */
CORE_EXPORT(uint8_t *, core_memory, (vsp_instance * instance))
{
	uint64_t size = 0;
	uint8_t *base = vsp_memory(instance, &size);
	core_size = (size_t)size;
	return base;
}

CORE_EXPORT(uint64_t, core_cycles, (const vsp_instance *instance)) { return vsp_cycles(instance); }
