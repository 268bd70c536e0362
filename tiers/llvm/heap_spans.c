/*
 * Chunks and spans, see heap_spans.h. A heap keeps a few empty chunks for the next compilation and
 * gives other empty chunks back to the system. A span passes from one heap to another only while no
 * block of it is in use.
 */
#include "heap_spans.h"

#include "runtime/platform/platform.h"

typedef struct chunk {
	_Atomic bool taken; /* by a heap, which owns the other members */
	uint32_t used;      /* one bit for each span */
	struct chunk *next; /* of the same heap */
} chunk;

span vsp_spans[CHUNKS * SPANS];
_Atomic uintptr_t vsp_spans_base;
static chunk chunks[CHUNKS];
static _Atomic size_t chunks_taken;

static void reserve(void)
{
	uintptr_t start = (uintptr_t)vsp_plat_reserve(((uint64_t)CHUNKS + 1) * CHUNK);
	if (start)
		atomic_store(&vsp_spans_base, (start + CHUNK - 1) / CHUNK * CHUNK);
}

void vsp_spans_reserve(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, reserve);
}

/* ---- chunks ---- */

static chunk *chunk_of(const span *s) { return &chunks[(s - vsp_spans) / SPANS]; }

static uint8_t *chunk_start(const chunk *c)
{
	return (uint8_t *)(atomic_load(&vsp_spans_base) + (size_t)(c - chunks) * CHUNK);
}

/* A chunk that belongs to no heap. Null: there is none. */
static chunk *claim_chunk(void)
{
	for (chunk *c = chunks; c < chunks + CHUNKS; c++) {
		if (atomic_load(&c->taken) || atomic_exchange(&c->taken, true))
			continue;
		if (!vsp_plat_commit(chunk_start(c), CHUNK)) {
			atomic_store(&c->taken, false);
			return NULL;
		}
		atomic_fetch_add(&chunks_taken, 1);
		c->used = 0;
		c->next = NULL;
		return c;
	}
	return NULL;
}

static void unclaim_chunk(chunk *c)
{
	if (!vsp_plat_decommit(chunk_start(c), CHUNK))
		return; /* it stays taken, but belongs to nobody */
	atomic_fetch_sub(&chunks_taken, 1);
	atomic_store(&c->taken, false);
}

static void add_chunk(heap *h, chunk *c)
{
	chunk **end = &h->chunks; /* the oldest chunks are filled first, so that the newest ones become empty */
	while (*end)
		end = &(*end)->next;
	*end = c;
	h->held++;
	h->idle++;
}

/* Gives one more chunk to a heap. Null: there is none. */
static chunk *take_chunk(heap *h)
{
	chunk *c = claim_chunk();
	if (!c)
		return NULL;
	vsp_plat_prefer_large_pages(chunk_start(c), CHUNK);
	add_chunk(h, c);
	return c;
}

bool vsp_spans_get_spare(heap *h)
{
	if (!h->spare)
		h->spare = claim_chunk();
	return h->spare;
}

bool vsp_spans_use_spare(heap *h)
{
	if (!h->spare)
		return false;
	add_chunk(h, h->spare);
	h->spare = NULL;
	return true;
}

/* Gives back a chunk without spans in use. */
static void give_chunk(heap *h, chunk *c)
{
	chunk **link = &h->chunks;
	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	h->held--;
	h->idle--;
	unclaim_chunk(c);
}

/* ---- spans ---- */

/* As many 1 bits as spans, from bit 0 on. */
static uint32_t span_bits(unsigned spans) { return UINT32_MAX >> (SPANS - spans); }

/* The position of the first run of this many free spans; SPANS: there is none. */
static unsigned find_room(const chunk *c, unsigned spans)
{
	for (unsigned at = 0; at + spans <= SPANS; at++)
		if (!(c->used >> at & span_bits(spans)))
			return at;
	return SPANS;
}

/* Takes adjacent spans. Null: there are none. */
static span *take_spans(heap *h, unsigned spans)
{
	chunk *c = h->chunks;
	while (c && find_room(c, spans) == SPANS)
		c = c->next;
	if (!c)
		c = take_chunk(h);
	if (!c)
		return NULL;
	unsigned at = find_room(c, spans);
	h->idle -= c->used == 0;
	c->used |= span_bits(spans) << at;
	return &vsp_spans[(size_t)(c - chunks) * SPANS + at];
}

static void give_spans(heap *h, const span *s)
{
	chunk *c = chunk_of(s);
	unsigned at = (unsigned)((size_t)(s - vsp_spans) % SPANS);
	c->used &= ~(span_bits(s->spans) << at);
	if (c->used == 0 && ++h->idle > KEPT)
		give_chunk(h, c);
}

size_t vsp_spans_class_size(unsigned class)
{
	if (class < 2 * STEPS)
		return (size_t)(class + 1) * SMALLEST;
	return (size_t)(STEPS + 1 + class % STEPS) * SMALLEST << (class / STEPS - 1);
}

span *vsp_spans_new(heap *h, unsigned class)
{
	size_t size = vsp_spans_class_size(class);
	span *s = take_spans(h, 1);
	if (!s)
		return NULL;
	*s = (span){.heap = h,
	        .size = size,
	        .capacity = (uint16_t)((SPAN - vsp_span_stagger(s)) / size),
	        .class = (uint8_t)class,
	        .spans = 1};
	vsp_span_push(&h->classes[class], s);
	return s;
}

span *vsp_spans_large(heap *h, size_t size)
{
	size_t count = (size + SPAN - 1) / SPAN;
	span *s = take_spans(h, (unsigned)count);
	if (s)
		*s = (span){.heap = h, .size = count * SPAN, .class = LARGE, .spans = (uint8_t)count};
	return s;
}

void vsp_spans_give(heap *h, span *s)
{
	if (s->link)
		vsp_span_remove(s);
	give_spans(h, s);
}

static void drop_empty_spans(heap *h)
{
	for (unsigned class = 0; class < CLASSES; class++)
		for (span *s = h->classes[class], *next; s; s = next) {
			next = s->next;
			if (s->used == 0)
				vsp_spans_give(h, s);
		}
}

void vsp_spans_trim(heap *h)
{
	drop_empty_spans(h);
	if (h->spare)
		unclaim_chunk(h->spare);
	h->spare = NULL;
	for (chunk *c = h->chunks, *next; c; c = next) {
		next = c->next;
		if (c->used == 0)
			give_chunk(h, c);
	}
}

size_t vsp_spans_held(void) { return atomic_load(&chunks_taken) * CHUNK; }
