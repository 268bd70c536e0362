/*
 * The SYSCALLs, which runtime/syscalls.def lists. Each call_NAME executes one, after its capability
 * has been checked and pending batches have finished. Results are written to the registers only
 * when nothing can trap any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/arith/bytesil.h"
#include "host.h"
#include "runtime/arith/number.h"

/* ---- text out ---- */

static int print(vsp_rt *rt, const char *text, size_t length)
{
	if (!rt->host.print)
		return vsp_host_missing(rt, "printing");
	vsp_plat_region *region = vsp_host_begin(rt);
	rt->lent++;
	int result = rt->host.print(rt->host.user, text, length);
	rt->lent--;
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "printing");
}

/* Returns 0, or the trap of n bytes at W(address); n is exact and may be 0. */
static int check_span(vsp_rt *rt, uint64_t address, uint64_t n)
{
	int trap = n ? vsp_rt_check(rt, (int64_t)(uint32_t)address, n) : 0;
	return trap ? vsp_rt_fail(rt, (vsp_trap)trap, NULL) : 0;
}

int vsp_rt_call_PRINT_STRING(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	int trap = check_span(rt, regs[0], regs[1]);
	if (trap || regs[1] == 0)
		return trap;
	return print(rt, (const char *)rt->memory.base + (uint32_t)regs[0], (size_t)regs[1]);
}

int vsp_rt_call_PRINT_INT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	char text[24];
	return print(rt, text, (size_t)sprintf(text, "%" PRId64, (int64_t)regs[0]));
}

int vsp_rt_call_PRINT_FLOAT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	char text[VSP_NUMBER_MAX];
	double v;
	memcpy(&v, &regs[0], sizeof v);
	return print(rt, text, vsp_format_f64(v, text));
}

int vsp_rt_call_PRINT_BOOL(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	const char *text = regs[0] ? "true" : "false";
	return print(rt, text, strlen(text));
}

int vsp_rt_call_PRINT_BYTESIL(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	char text[16];
	uint8_t b = (uint8_t)regs[0];
	return print(rt, text, (size_t)sprintf(text, "(%d,%u)", vsp_bytesil_rho(b), vsp_bytesil_theta(b)));
}

int vsp_rt_call_PRINT_STATE(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	char text[33];
	for (unsigned i = 0; i < 16; i++)
		sprintf(text + 2 * i, "%02x", (unsigned)(regs[i] & 0xFF));
	return print(rt, text, 32);
}

/*
 * UTF-8, RFC 3629: the lead byte gives the number of bytes that follow, and each of those has six
 * bits.
 */
static size_t utf8_encode(uint64_t c, char out[4])
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	unsigned rest = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t lead[4] = {0x00, 0xC0, 0xE0, 0xF0};
	out[0] = (char)(lead[rest] | (c >> (6 * rest)));
	for (unsigned i = 1; i <= rest; i++)
		out[i] = (char)(0x80 | ((c >> (6 * (rest - i))) & 0x3F));
	return rest + 1;
}

int vsp_rt_call_PRINT_CHAR(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	char text[4];
	return print(rt, text, utf8_encode(regs[0], text));
}

int vsp_rt_call_PRINT_NEWLINE(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)regs;
	(void)flags;
	return print(rt, "\n", 1);
}

/* A host without the callback buffers nothing. */
int vsp_rt_call_FLUSH(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)regs;
	(void)flags;
	if (!rt->host.flush)
		return 0;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.flush(rt->host.user);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "flushing");
}

/* ---- text in ---- */

/*
 * Reads a line into size bytes at buffer; *length is the number of bytes stored, or -1 at the end.
 */
static int read_line(vsp_rt *rt, char *buffer, size_t size, int64_t *length)
{
	if (!rt->host.read_line)
		return vsp_host_missing(rt, "reading");
	*length = -1;
	vsp_plat_region *region = vsp_host_begin(rt);
	rt->lent++;
	int result = rt->host.read_line(rt->host.user, buffer, size, length);
	rt->lent--;
	vsp_host_end(rt, region);
	if (result == 0 && *length > 0 && (uint64_t)*length > size)
		return vsp_rt_fail(
		        rt, VSP_TRAP_HOST, "the host's callback for reading stored more than there was room for");
	return vsp_host_result(rt, result, "reading");
}

int vsp_rt_call_READ_LINE(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	int64_t length;
	int trap = check_span(rt, regs[0], regs[1]);
	if (trap)
		return trap;
	/* Without room there is no valid address either, but the line is still consumed. */
	char none;
	char *buffer = regs[1] ? (char *)rt->memory.base + (uint32_t)regs[0] : &none;
	trap = read_line(rt, buffer, (size_t)regs[1], &length);
	if (!trap)
		regs[0] = length < 0 ? UINT64_MAX : (uint64_t)length;
	return trap;
}

enum { NUMBER_LINE = 1024 }; /* bytes of a line in which a number is looked for */

/* The next line and its length, which is 0 at the end of the input. */
static int read_number_line(vsp_rt *rt, char line[NUMBER_LINE], size_t *length)
{
	int64_t n;
	int trap = read_line(rt, line, NUMBER_LINE, &n);
	*length = trap || n < 0 ? 0 : (size_t)n;
	return trap;
}

static uint8_t with_n(uint8_t flags, bool n) { return (uint8_t)((flags & ~VSP_SR_N) | (n ? VSP_SR_N : 0)); }

int vsp_rt_call_READ_INT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	char line[NUMBER_LINE];
	size_t length;
	int trap = read_number_line(rt, line, &length);
	if (trap)
		return trap;
	int64_t v = 0;
	bool found = vsp_parse_i64(line, length, &v);
	regs[0] = found ? (uint64_t)v : 0;
	*flags = with_n(*flags, !found);
	return 0;
}

int vsp_rt_call_READ_FLOAT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	char line[NUMBER_LINE];
	size_t length;
	int trap = read_number_line(rt, line, &length);
	if (trap)
		return trap;
	double v = 0;
	bool found = vsp_parse_f64(line, length, &v);
	if (!found)
		v = 0;
	memcpy(&regs[0], &v, sizeof v);
	*flags = with_n(*flags, !found);
	return 0;
}

/* ---- arguments, time, randomness ---- */

int vsp_rt_call_ARGS_COUNT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	regs[0] = rt->host.arg_count;
	return 0;
}

int vsp_rt_call_ARG(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	int trap = check_span(rt, regs[1], regs[2]);
	if (trap)
		return trap;
	if (regs[0] >= rt->host.arg_count || !rt->host.args) {
		regs[0] = UINT64_MAX;
		return 0;
	}
	const char *arg = rt->host.args[regs[0]];
	size_t length = strlen(arg);
	if (length > regs[2])
		length = (size_t)regs[2];
	if (length)
		memcpy(rt->memory.base + (uint32_t)regs[1], arg, length);
	regs[0] = length;
	return 0;
}

int vsp_rt_call_CLOCK_NS(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	uint64_t now = 0;
	if (!rt->host.clock_ns) {
		regs[0] = vsp_plat_clock_ns();
		return 0;
	}
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.clock_ns(rt->host.user, &now);
	vsp_host_end(rt, region);
	int trap = vsp_host_result(rt, result, "the clock");
	if (!trap)
		regs[0] = now;
	return trap;
}

int vsp_rt_call_RANDOM_U64(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	uint64_t value = 0;
	if (!rt->host.random_u64) {
		if (!vsp_plat_random(&value, sizeof value))
			return vsp_rt_fail(rt, VSP_TRAP_UNSUPPORTED,
			        "this platform has no random numbers; the host must give random_u64");
		regs[0] = value;
		return 0;
	}
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.random_u64(rt->host.user, &value);
	vsp_host_end(rt, region);
	int trap = vsp_host_result(rt, result, "random numbers");
	if (!trap)
		regs[0] = value;
	return trap;
}

/* ---- ending ---- */

int vsp_rt_call_EXIT(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	rt->exit_code = (uint32_t)(regs[0] & 255);
	return VSP_RT_EXIT;
}

static int fail_assertion(vsp_rt *rt, uint32_t id, const char *message)
{
	vsp_trap_explicit(rt, id, message);
	return VSP_TRAP_EXPLICIT;
}

int vsp_rt_call_ASSERT_EQ(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	if (regs[0] == regs[1])
		return 0;
	char text[96];
	sprintf(text, "assertion failed: %" PRId64 " is not %" PRId64, (int64_t)regs[0], (int64_t)regs[1]);
	return fail_assertion(rt, 0xF1, text);
}

int vsp_rt_call_ASSERT_TRUE(vsp_rt *rt, uint64_t *regs, uint8_t *flags)
{
	(void)flags;
	return regs[0] ? 0 : fail_assertion(rt, 0xF2, "assertion failed: 0 is not true");
}
