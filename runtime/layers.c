/*
 * The instructions on the sixteen layers L0..LF, which are the low bytes of R0..RF, and on the
 * compatibility mode. Writing a layer defines its whole register (zero-extended). The mode in
 * rt->mode is always 0..4; modes 0..4 have 1, 2, 4, 8, 16 active layers.
 */
#include "helpers.h"

#include "runtime/arith/arith.h"

enum { LAYERS = 16, GROUP = 4, MODES = 5 };

/* ---- moving and combining layers ---- */

void vsp_rt_rotatl(uint64_t *regs)
{
	uint8_t last = (uint8_t)regs[LAYERS - 1];
	for (int i = LAYERS - 1; i > 0; i--)
		regs[i] = (uint8_t)regs[i - 1];
	regs[0] = last;
}

void vsp_rt_shiftl(uint64_t *regs, uint8_t *lost_not_null)
{
	vsp_rt_rotatl(regs);
	*lost_not_null = !vsp_bytesil_is_null((uint8_t)regs[0]);
	regs[0] = VSP_BYTESIL_NULL;
}

void vsp_rt_fold(uint64_t *regs)
{
	for (int i = 0; i < LAYERS / 2; i++)
		regs[i] = vsp_arith_xorl(regs[i], regs[i + LAYERS / 2]);
}

void vsp_rt_spread(uint64_t *regs, unsigned a)
{
	uint8_t layer = (uint8_t)regs[a];
	for (unsigned i = 0; i < GROUP; i++)
		regs[a / GROUP * GROUP + i] = layer;
}

void vsp_rt_gather(uint64_t *regs, unsigned a)
{
	uint8_t product = VSP_BYTESIL_ONE;
	for (unsigned i = 0; i < GROUP; i++)
		product = vsp_bytesil_mul(product, (uint8_t)regs[a / GROUP * GROUP + i]);
	regs[a] = product;
}

void vsp_rt_collapse(vsp_rt *rt, uint64_t *regs, unsigned a)
{
	uint8_t layer = (uint8_t)regs[a];
	rt->collapse = (uint8_t)vsp_bytesil_is_null(layer);
	regs[LAYERS - 1] = layer;
}

/* ---- gradient ---- */

void vsp_rt_grad(vsp_rt *rt, uint64_t *regs, unsigned a)
{
	uint8_t layers[LAYERS];
	double sum = 0;
	for (int i = 0; i < LAYERS; i++)
		layers[i] = (uint8_t)regs[i];
	vsp_bytesil_grad(layers, rt->g);
	for (int i = 0; i < LAYERS; i++)
		sum += (double)rt->g[i];
	regs[a] = vsp_bits_of_f64(sum);
}

void vsp_rt_descent(vsp_rt *rt, uint64_t *regs, unsigned a, unsigned imm)
{
	regs[a] = vsp_bytesil_descent((uint8_t)regs[a], (float)imm / 255.0f, rt->g[a]);
}

/* ---- modes ---- */

/*
 * The mode 0..4 that an immediate or a byte in memory names: 0..4 itself, or SIL-8, SIL-16 ...
 * SIL-128. MODES when it names none.
 */
static unsigned mode_of(unsigned name)
{
	unsigned mode = 0;
	if (name < MODES)
		return name;
	while (mode < MODES && name != 8u << mode)
		mode++;
	return mode;
}

/* Sets *mode, or fails with BAD_MODE. */
static int mode_parse(vsp_rt *rt, unsigned name, unsigned *mode)
{
	*mode = mode_of(name);
	return *mode < MODES ? 0 : vsp_rt_fail(rt, VSP_TRAP_BAD_MODE, "mode %u", name);
}

int vsp_rt_setmode(vsp_rt *rt, unsigned imm)
{
	unsigned mode;
	int trap = mode_parse(rt, imm, &mode);
	if (!trap)
		rt->mode = (uint8_t)mode;
	return trap;
}

int vsp_rt_promote(vsp_rt *rt, unsigned imm)
{
	unsigned mode;
	int trap = mode_parse(rt, imm, &mode);
	if (!trap && mode > rt->mode)
		rt->mode = (uint8_t)mode;
	return trap;
}

int vsp_rt_compat(vsp_rt *rt, uint32_t address)
{
	unsigned mode;
	int trap = vsp_rt_check(rt, address, 1);
	if (trap)
		return vsp_rt_fail(rt, (vsp_trap)trap, NULL);
	trap = mode_parse(rt, rt->memory.base[address], &mode);
	if (!trap && mode < rt->mode)
		rt->mode = (uint8_t)mode;
	return trap;
}

/* ---- demotions: fold the count layers first, first + stride, ... into one ---- */

typedef uint8_t (*layer_fold)(const uint64_t *first, unsigned stride, unsigned count);

static uint8_t fold_xorl(const uint64_t *first, unsigned stride, unsigned count)
{
	uint8_t r = (uint8_t)first[0];
	for (unsigned i = 1; i < count; i++)
		r = vsp_bytesil_xorl(r, (uint8_t)first[i * stride]);
	return r;
}

static uint8_t fold_first(const uint64_t *first, unsigned stride, unsigned count)
{
	(void)stride, (void)count;
	return (uint8_t)first[0];
}

/*
 * Thetas are not negative, so C's division rounds down as required; for rho it rounds toward zero,
 * as required.
 */
static uint8_t fold_average(const uint64_t *first, unsigned stride, unsigned count)
{
	int rho = 0, theta = 0;
	for (unsigned i = 0; i < count; i++) {
		rho += vsp_bytesil_rho((uint8_t)first[i * stride]);
		theta += (int)vsp_bytesil_theta((uint8_t)first[i * stride]);
	}
	return vsp_bytesil_make(rho / (int)count, (unsigned)(theta / (int)count));
}

static uint8_t fold_greatest(const uint64_t *first, unsigned stride, unsigned count)
{
	uint8_t r = (uint8_t)first[0];
	for (unsigned i = 1; i < count; i++)
		if (vsp_bytesil_rho((uint8_t)first[i * stride]) > vsp_bytesil_rho(r))
			r = (uint8_t)first[i * stride];
	return r;
}

/*
 * Layer i of the result comes from layers i and above, so folding in place from the bottom reads
 * only old values.
 */
static int demote(vsp_rt *rt, uint64_t *regs, unsigned imm, layer_fold fold)
{
	unsigned mode;
	int trap = mode_parse(rt, imm, &mode);
	if (trap || mode >= rt->mode)
		return trap;
	unsigned before = vsp_mode_layers(rt->mode), after = vsp_mode_layers(mode);
	for (unsigned i = 0; i < after; i++)
		regs[i] = fold(regs + i, after, before / after);
	for (unsigned i = after; i < LAYERS; i++)
		regs[i] = VSP_BYTESIL_NULL;
	rt->mode = (uint8_t)mode;
	return 0;
}

int vsp_rt_demote(vsp_rt *rt, uint64_t *regs, unsigned imm) { return demote(rt, regs, imm, fold_xorl); }
int vsp_rt_truncate(vsp_rt *rt, uint64_t *regs, unsigned imm) { return demote(rt, regs, imm, fold_first); }
int vsp_rt_avgdem(vsp_rt *rt, uint64_t *regs, unsigned imm) { return demote(rt, regs, imm, fold_average); }
int vsp_rt_maxdem(vsp_rt *rt, uint64_t *regs, unsigned imm) { return demote(rt, regs, imm, fold_greatest); }
