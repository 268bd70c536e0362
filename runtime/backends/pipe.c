/*
 * The instructions PIPE and EMERGE, which lead to transforms and models.
 */
#include <math.h>
#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/arith/bytesil.h"
#include "runtime/helpers.h"
#include "runtime/host/host.h"

/* Is f the index of a transform? */
static bool is_transform(const vsp_rt *rt, uint32_t f)
{
	return f < rt->func_count && rt->funcs[f].kind == VSP_KIND_TRANSFORM;
}

int vsp_rt_pipe_open(vsp_rt *rt, uint32_t address, uint32_t *count)
{
	int trap = vsp_rt_check(rt, address, 4);
	*count = trap ? 0 : (uint32_t)vsp_read_le(rt->memory.base + address, 4);
	if (!trap)
		trap = vsp_rt_check(rt, address, 4 + (uint64_t)*count * 4);
	return trap ? vsp_rt_fail(rt, (vsp_trap)trap, NULL) : 0;
}

/* Memory never shrinks, so the list stays within it; its indices may change while steps run. */
int vsp_rt_pipe_step(vsp_rt *rt, uint32_t address, uint32_t i, uint32_t *f)
{
	*f = (uint32_t)vsp_read_le(rt->memory.base + address + 4 + (uint64_t)i * 4, 4);
	if (!is_transform(rt, *f))
		return vsp_rt_fail(rt, VSP_TRAP_BAD_FUNCTION, "function %u of the list is no transform", (unsigned)*f);
	return vsp_rt_poll(rt);
}

int vsp_rt_pipe(vsp_rt *rt, uint64_t *regs, uint32_t address)
{
	uint32_t count, f;
	int trap = vsp_rt_pipe_open(rt, address, &count);
	for (uint32_t i = 0; i < count && !trap; i++) {
		uint64_t inner[16]; /* regs change only when the step succeeds */
		memcpy(inner, regs, sizeof inner);
		trap = vsp_rt_pipe_step(rt, address, i, &f);
		if (!trap)
			trap = rt->run_function(rt, f, inner);
		if (!trap)
			memcpy(regs, inner, sizeof inner);
	}
	return trap;
}

/* A model's output as a byte: half to even, rho clamped, theta modulo 16; NaN gives 0x00. */
static uint8_t quantise(float rho, float theta)
{
	if (isnan(rho) || isnan(theta) || isinf(theta))
		return VSP_BYTESIL_NULL;
	float r = rintf(rho < -8 ? -8 : rho > 7 ? 7 : rho);
	return vsp_bytesil_make((int)r, (unsigned)(int)fmodf(rintf(theta), 16));
}

int vsp_rt_emerge(vsp_rt *rt, uint64_t *regs)
{
	float in[32], out[32];
	for (unsigned i = 0; i < 16; i++) {
		in[i] = (float)vsp_bytesil_rho((uint8_t)regs[i]);
		in[16 + i] = (float)vsp_bytesil_theta((uint8_t)regs[i]);
	}
	int result = rt->emerge_model ? vsp_host_require(rt, VSP_CAP_MODELS, "EMERGE") : 0;
	if (result == 0)
		result = vsp_backends_emerge(rt, in, out);
	if (result == VSP_DECLINED) {
		regs[11] = vsp_bytesil_xorl((uint8_t)regs[11], (uint8_t)regs[12]);
		return 0;
	}
	for (unsigned i = 0; i < 16 && result == 0; i++)
		regs[i] = quantise(out[i], out[16 + i]);
	return result;
}
