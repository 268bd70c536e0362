/*
 * WASI: arguments, environment, clocks, chance, and what is not supported.
 */
#include <string.h>

#include "runtime/host/wasi/wasi.h"
#include "runtime/platform/platform.h"
#include "runtime/state.h"

/* ---- arguments and environment ---- */

/* The text to pointer 1, and the addresses of its strings to pointer 0. */
static int give_texts(const vsp_wasi_call *c, const vsp_wasi_texts *texts)
{
	uint8_t *pointers = vsp_wasi_at(c, 0), *text = vsp_wasi_at(c, 1);
	uint32_t at = 0, base = vsp_wasi_u32(c, 1);
	for (uint32_t i = 0; i < texts->count; i++) {
		vsp_write_le(pointers + 4 * (size_t)i, base + at, 4);
		at += (uint32_t)strlen(texts->text + at) + 1;
	}
	memcpy(text, texts->text, texts->size);
	return 0;
}

static int give_sizes(const vsp_wasi_call *c, const vsp_wasi_texts *texts)
{
	vsp_wasi_put32(c, 0, texts->count);
	vsp_wasi_put32(c, 1, texts->size);
	return 0;
}

int vsp_wasi_args_get(const vsp_wasi_call *c) { return give_texts(c, &c->wasi->args); }
int vsp_wasi_args_sizes_get(const vsp_wasi_call *c) { return give_sizes(c, &c->wasi->args); }
int vsp_wasi_environ_get(const vsp_wasi_call *c) { return give_texts(c, &c->wasi->env); }
int vsp_wasi_environ_sizes_get(const vsp_wasi_call *c) { return give_sizes(c, &c->wasi->env); }

/* ---- time and chance ---- */

static int give_clock(const vsp_wasi_call *c, unsigned result, int (*ask)(enum vsp_file_clock clock, uint64_t *ns))
{
	uint32_t clock = vsp_wasi_u32(c, 0);
	uint64_t ns = 0;
	int wrong = clock < VSP_CLOCKS ? ask((enum vsp_file_clock)clock, &ns) : VSP_FILE_INVAL;
	if (!wrong)
		vsp_wasi_put64(c, result, ns);
	return wrong;
}

int vsp_wasi_clock_res_get(const vsp_wasi_call *c) { return give_clock(c, 1, vsp_clock_resolution); }
int vsp_wasi_clock_time_get(const vsp_wasi_call *c) { return give_clock(c, 2, vsp_clock_time); }

int vsp_wasi_random_get(const vsp_wasi_call *c)
{
	enum { AT_ONCE = 1 << 16 };
	uint8_t *at = vsp_wasi_at(c, 0);
	for (uint32_t rest = vsp_wasi_u32(c, 1), n; rest; rest -= n, at += n) {
		n = rest < AT_ONCE ? rest : AT_ONCE;
		if (vsp_wasi_interrupted(c))
			return VSP_FILE_INTR;
		if (!vsp_plat_random(at, n))
			return VSP_FILE_NOSYS;
	}
	return 0;
}

int vsp_wasi_sched_yield(const vsp_wasi_call *c)
{
	(void)c;
	vsp_clock_yield();
	return 0;
}

/* ---- what there is not ---- */

int vsp_wasi_proc_raise(const vsp_wasi_call *c)
{
	(void)c;
	return VSP_FILE_NOSYS;
}

/* Never called: the import is vsp_host_exit, which ends the run. */
int vsp_wasi_proc_exit(const vsp_wasi_call *c) { return vsp_wasi_proc_raise(c); }

int vsp_wasi_sock_accept(const vsp_wasi_call *c)
{
	(void)c;
	return VSP_FILE_NOTSOCK;
}

int vsp_wasi_sock_recv(const vsp_wasi_call *c) { return vsp_wasi_sock_accept(c); }
int vsp_wasi_sock_send(const vsp_wasi_call *c) { return vsp_wasi_sock_accept(c); }
int vsp_wasi_sock_shutdown(const vsp_wasi_call *c) { return vsp_wasi_sock_accept(c); }
