/*
 * WASI: poll_oneoff, which waits for times and descriptors. Subscriptions are copied before events
 * are written, since both may be in one place. The wait is made of short periods, so that an
 * interrupt ends it and a clock that is set is noticed.
 */
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

enum { SUBSCRIPTION = 48, EVENT = 32, SLICE_NS = 10000000 };
enum { CLOCK, READ, WRITE };

typedef struct subscription {
	uint64_t tag, until_ns; /* the program's own number; the time of a clock */
	const vsp_wasi_fd *fd;
	uint8_t kind, clock;
	bool happened, hangup;
	int wrong;
} subscription;

typedef struct wait {
	const vsp_wasi_call *call;
	uint32_t count, wishes_count;
	subscription *all;
	vsp_file_wish *wishes;
} wait;

/* ---- subscriptions ---- */

static int take_clock(const vsp_wasi_call *c, subscription *s, const uint8_t *at)
{
	enum { ABSOLUTE = 1 };
	uint64_t clock = vsp_read_le(at + 16, 4), timeout = vsp_read_le(at + 24, 8), now = 0;
	if (!(c->wasi->capabilities & VSP_CAP_CLOCK))
		return VSP_FILE_NOTCAPABLE;
	if (clock != VSP_CLOCK_REAL && clock != VSP_CLOCK_MONOTONIC)
		return clock < VSP_CLOCKS ? VSP_FILE_NOTSUP : VSP_FILE_INVAL;
	s->clock = (uint8_t)clock;
	s->until_ns = timeout;
	if (vsp_read_le(at + 40, 2) & ABSOLUTE)
		return 0;
	s->clock = VSP_CLOCK_MONOTONIC; /* a span of time does not change when a clock is set */
	int wrong = vsp_clock_time(VSP_CLOCK_MONOTONIC, &now);
	s->until_ns = timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout;
	return wrong;
}

static int take_fd(const vsp_wasi_call *c, subscription *s, const uint8_t *at)
{
	const vsp_wasi_fd *fd = vsp_wasi_entry_at(c->wasi, (uint32_t)vsp_read_le(at + 16, 4));
	uint64_t needed = VSP_WASI_POLL_FD_READWRITE | (s->kind == READ ? VSP_WASI_FD_READ : VSP_WASI_FD_WRITE);
	s->fd = fd;
	if (!fd)
		return VSP_FILE_BADF;
	return (fd->base & needed) != needed || (fd->standard && !(c->wasi->capabilities & VSP_CAP_STDIO))
	               ? VSP_FILE_NOTCAPABLE
	               : 0;
}

/* A subscription that cannot be waited for has happened already, with an error. */
static int take_subscription(const vsp_wasi_call *c, subscription *s, const uint8_t *at)
{
	s->tag = vsp_read_le(at, 8);
	s->kind = at[8];
	if (s->kind > WRITE)
		return VSP_FILE_INVAL;
	s->wrong = s->kind == CLOCK ? take_clock(c, s, at) : take_fd(c, s, at);
	s->happened = s->wrong != 0;
	return 0;
}

static int take_all(wait *w)
{
	const uint8_t *at = vsp_wasi_at(w->call, 0);
	int wrong = 0;
	for (uint32_t i = 0; i < w->count && !wrong; i++, at += SUBSCRIPTION) {
		subscription *s = &w->all[i];
		wrong = take_subscription(w->call, s, at);
		if (!wrong && s->kind != CLOCK && !s->wrong)
			w->wishes[w->wishes_count++] = (vsp_file_wish){.file = s->fd->file, .write = s->kind == WRITE};
	}
	return wrong;
}

/* ---- the wait ---- */

/* Notes the clocks that have passed, and returns how long to wait for the next, at most a
   period. */
static uint64_t look_at_clocks(wait *w, bool *any)
{
	uint64_t now[VSP_CLOCKS] = {0}, next = SLICE_NS;
	vsp_clock_time(VSP_CLOCK_REAL, &now[VSP_CLOCK_REAL]);
	vsp_clock_time(VSP_CLOCK_MONOTONIC, &now[VSP_CLOCK_MONOTONIC]);
	for (uint32_t i = 0; i < w->count; i++) {
		subscription *s = &w->all[i];
		if (s->kind == CLOCK && !s->wrong) {
			s->happened = now[s->clock] >= s->until_ns;
			uint64_t left = s->happened ? 0 : s->until_ns - now[s->clock];
			next = left < next ? left : next;
		}
		*any |= s->happened;
	}
	return *any ? 0 : next;
}

static void note_wishes(wait *w)
{
	const vsp_file_wish *wish = w->wishes;
	for (uint32_t i = 0; i < w->count; i++) {
		subscription *s = &w->all[i];
		if (s->kind == CLOCK || s->wrong)
			continue;
		s->happened = wish->ready;
		s->hangup = wish->hangup;
		wish++;
	}
}

static int wait_for_any(wait *w)
{
	for (;;) {
		bool any = false;
		unsigned ready = 0;
		if (vsp_wasi_interrupted(w->call))
			return VSP_FILE_INTR;
		uint64_t pause = look_at_clocks(w, &any);
		int wrong = any && !w->wishes_count ? 0 : vsp_file_wait(w->wishes, w->wishes_count, pause, &ready);
		if (wrong && wrong != VSP_FILE_INTR)
			return wrong;
		if (ready)
			note_wishes(w);
		if (ready || any)
			return 0;
	}
}

/* ---- events ---- */

/* At least how much can be moved without waiting. */
static uint64_t bytes_ready(const subscription *s)
{
	vsp_file_info info;
	uint64_t place;
	if (s->fd->kind != VSP_FILE_REGULAR || s->kind == WRITE)
		return 1;
	if (vsp_file_stat(s->fd->file, &info) || vsp_file_seek(s->fd->file, 0, VSP_FILE_FROM_PLACE, &place))
		return 0;
	return info.size > place ? info.size - place : 0;
}

static void put_event(const subscription *s, uint8_t *at)
{
	memset(at, 0, EVENT);
	vsp_write_le(at, s->tag, 8);
	vsp_write_le(at + 8, (uint64_t)s->wrong, 2);
	at[10] = s->kind;
	if (s->kind != CLOCK && !s->wrong) {
		vsp_write_le(at + 16, bytes_ready(s), 8);
		at[24] = s->hangup;
	}
}

static void put_events(const wait *w)
{
	uint8_t *at = vsp_wasi_at(w->call, 1);
	uint32_t count = 0;
	for (uint32_t i = 0; i < w->count; i++)
		if (w->all[i].happened)
			put_event(&w->all[i], at + (size_t)EVENT * count++);
	vsp_wasi_put32(w->call, 3, count);
}

int vsp_wasi_poll_oneoff(const vsp_wasi_call *c)
{
	wait w = {.call = c, .count = vsp_wasi_u32(c, 2)};
	if (!w.count || w.count > VSP_WASI_SUBSCRIPTIONS)
		return VSP_FILE_INVAL;
	w.all = vsp_alloc(w.count, sizeof *w.all);
	w.wishes = vsp_alloc(w.count, sizeof *w.wishes);
	vsp_wasi_flush(c); /* somebody may answer only what is shown */
	int wrong = w.all && w.wishes ? take_all(&w) : VSP_FILE_NOMEM;
	if (!wrong)
		wrong = wait_for_any(&w);
	if (!wrong)
		put_events(&w);
	vsp_free_memory(w.all);
	vsp_free_memory(w.wishes);
	return wrong;
}
