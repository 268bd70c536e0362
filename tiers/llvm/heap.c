/*
 * Heaps of size classes, see heap.h. One range of addresses is reserved for the process and divided into chunks of 2 MiB, the size of a large page; a
 * chunk belongs to a heap or to nobody. Chunks are divided into spans of 64 KiB: one for blocks of one size, or several for one
 * large block. So a block's address leads to its span, and from there to its heap. What is known of spans is in a table of its own: at the starts of the spans
 * it would be all in one set of the processor's caches, whose size divides theirs. A heap keeps a few chunks in which nothing is left for the
 * next compilation, others go back to the system.
 *
 * Invariants. Only the thread inside a heap touches its spans and lists; other threads put blocks they free on the heap's list of returned blocks,
 * which it takes as a whole. Which heap a span belongs to changes only while no block of it is in use. A span with blocks to give is in its class's list; only the last
 * one of the list may have no block in use, so that the next block of its size finds it.
 */
#include "heap.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#include "runtime/bits.h"
#include "runtime/platform.h"

enum {
	CHUNK = 2 << 20,
	SPAN = 64 << 10,
	SPANS = CHUNK / SPAN,
	CHUNKS = 512,
	HEAPS = 64,
	SMALLEST = 16, /* bytes; what malloc promises to align to */
	STEPS = 4,     /* classes from one power of two to the next */
	STEPS_LOG = 2,
	LINEAR_LOG =
	        6, /* the first classes, in steps of SMALLEST, end at 2 * STEPS * SMALLEST, which is 2^(LINEAR_LOG + 1) */
	CLASSES = 39,
	LARGEST = 28 << 10, /* bytes: of the last class, two to a span; what is larger has spans of its own */
	LARGE = CLASSES,    /* the class of such blocks */
	KEPT = 4,           /* chunks in which nothing is left */
	STAGGER =
	        64 /* bytes by which the blocks of a span begin later than those of the one before, for the caches' sake; a line */
};
static_assert(SPANS == 32, "a chunk's spans are the bits of a word");

typedef struct block {
	struct block *next;
} block;

typedef struct span {
	struct span *next, **link; /* in its class's list; link: null when it is in none */
	struct heap *heap;
	block *freed;
	size_t size;                  /* of its blocks */
	uint16_t capacity, used, cut; /* blocks: that fit, in use, ever given */
	uint8_t class, spans;         /* spans it takes */
} span;

typedef struct heap {
	_Atomic bool busy; /* some thread is inside */
	_Atomic(block *) returned;
	span *classes[CLASSES]; /* spans with blocks to give */
	struct chunk *chunks;
	unsigned idle; /* chunks without spans in use */
} heap;

typedef struct chunk {
	_Atomic bool taken; /* by a heap; the rest is that heap's */
	uint32_t used;      /* a bit for each span */
	struct chunk *next; /* of the heap */
} chunk;

static heap heaps[HEAPS];
static chunk chunks[CHUNKS];
static span all_spans[CHUNKS * SPANS]; /* of each chunk in turn */
static struct {
	_Atomic uintptr_t base; /* of CHUNKS chunks; 0: not reserved */
	_Atomic size_t taken;   /* chunks */
} range;

/* Asked for at every allocation; reached without a call where that can be had (CMakeLists.txt). */
static _Thread_local struct {
	heap *heap;
	unsigned depth;
} inside;

/* ---- the range ---- */

static void reserve(void)
{
	uintptr_t start = (uintptr_t)vsp_plat_reserve(((uint64_t)CHUNKS + 1) * CHUNK);
	if (start)
		atomic_store(&range.base, (start + CHUNK - 1) / CHUNK * CHUNK);
}

bool vsp_heap_owns(const void *b)
{
	uintptr_t base = atomic_load_explicit(&range.base, memory_order_relaxed);
	return base && (uintptr_t)b - base < (uintptr_t)CHUNKS * CHUNK;
}

static span *span_of(const void *b)
{
	return &all_spans[((uintptr_t)b - atomic_load_explicit(&range.base, memory_order_relaxed)) / SPAN];
}

static chunk *chunk_of(const span *s) { return &chunks[(s - all_spans) / SPANS]; }

static uint8_t *chunk_start(const chunk *c)
{
	return (uint8_t *)(atomic_load(&range.base) + (size_t)(c - chunks) * CHUNK);
}

static uint8_t *span_start(const span *s)
{
	return (uint8_t *)(atomic_load(&range.base) + (size_t)(s - all_spans) * SPAN);
}

/* Where the blocks of a span for small ones begin. */
static size_t stagger(const span *s) { return (size_t)(s - all_spans) % SPANS * STAGGER; }

/* ---- spans ---- */

static void push_span(span **list, span *s)
{
	s->next = *list;
	s->link = list;
	if (s->next)
		s->next->link = &s->next;
	*list = s;
}

static void remove_span(span *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->link = NULL;
}

/* Gives a heap one more chunk. Null: there is none. */
static chunk *take_chunk(heap *h)
{
	for (chunk *c = chunks; c < chunks + CHUNKS; c++) {
		if (atomic_load(&c->taken) || atomic_exchange(&c->taken, true))
			continue;
		if (!vsp_plat_commit(chunk_start(c), CHUNK)) {
			atomic_store(&c->taken, false);
			return NULL;
		}
		vsp_plat_prefer_large_pages(chunk_start(c), CHUNK);
		atomic_fetch_add(&range.taken, 1);
		c->used = 0;
		chunk **end = &h->chunks; /* the oldest chunks are filled first, so that the youngest can go */
		while (*end)
			end = &(*end)->next;
		*end = c;
		c->next = NULL;
		h->idle++;
		return c;
	}
	return NULL;
}

/* A chunk without spans in use. */
static void give_chunk(heap *h, chunk *c)
{
	chunk **link = &h->chunks;
	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	h->idle--;
	vsp_plat_decommit(chunk_start(c), CHUNK);
	atomic_fetch_sub(&range.taken, 1);
	atomic_store(&c->taken, false);
}

/* As many bits as spans, from bit 0 on. */
static uint32_t span_bits(unsigned spans) { return UINT32_MAX >> (SPANS - spans); }

/* The first place of so many spans in a row; SPANS: there is none. */
static unsigned find_room(const chunk *c, unsigned spans)
{
	for (unsigned at = 0; at + spans <= SPANS; at++)
		if (!(c->used >> at & span_bits(spans)))
			return at;
	return SPANS;
}

/* Spans in a row; null: there are none. */
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
	return &all_spans[(size_t)(c - chunks) * SPANS + at];
}

static void give_spans(heap *h, const span *s)
{
	chunk *c = chunk_of(s);
	unsigned at = (unsigned)((size_t)(s - all_spans) % SPANS);
	c->used &= ~(span_bits(s->spans) << at);
	if (c->used == 0 && ++h->idle > KEPT)
		give_chunk(h, c);
}

/* 4 classes to a power of two: 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, ... */
static unsigned class_of(size_t size)
{
	if (size <= 2 * STEPS * SMALLEST)
		return size ? (unsigned)(size - 1) / SMALLEST : 0;
	unsigned log = 63 - vsp_clz64(size - 1); /* 2^log < size <= 2^(log + 1) */
	return STEPS * (log - LINEAR_LOG) + (unsigned)((size - 1) >> (log - STEPS_LOG));
}

static size_t class_size(unsigned class)
{
	if (class < 2 * STEPS)
		return (size_t)(class + 1) * SMALLEST;
	return (size_t)(STEPS + 1 + class % STEPS) * SMALLEST << (class / STEPS - 1);
}

static span *new_span(heap *h, unsigned class)
{
	size_t size = class_size(class);
	span *s = take_spans(h, 1);
	if (!s)
		return NULL;
	*s = (span){.heap = h,
	        .size = size,
	        .capacity = (uint16_t)((SPAN - stagger(s)) / size),
	        .class = (uint8_t)class,
	        .spans = 1};
	push_span(&h->classes[class], s);
	return s;
}

static void drop_span(heap *h, span *s)
{
	remove_span(s);
	give_spans(h, s);
}

/* ---- blocks ---- */

static block *block_of(const span *s, unsigned index)
{
	return (block *)(span_start(s) + stagger(s) + index * s->size);
}

static void put_back(heap *h, block *b)
{
	span *s = span_of(b);
	if (s->class == LARGE) {
		give_spans(h, s);
		return;
	}
	b->next = s->freed;
	s->freed = b;
	if (!s->link)
		push_span(&h->classes[s->class], s);
	if (--s->used == 0 && s->next)
		drop_span(h, s);
}

/* Takes what other threads have freed. */
static void take_returned(heap *h)
{
	for (block *b = atomic_exchange(&h->returned, NULL), *next; b; b = next) {
		next = b->next;
		put_back(h, b);
	}
}

static void give_to(heap *h, block *b)
{
	b->next = atomic_load(&h->returned);
	while (!atomic_compare_exchange_weak(&h->returned, &b->next, b)) {
	}
}

static void *allocate_large(heap *h, size_t size)
{
	size_t count = (size + SPAN - 1) / SPAN;
	span *s = take_spans(h, (unsigned)count);
	if (!s)
		return NULL;
	*s = (span){.heap = h, .size = count * SPAN, .class = LARGE, .spans = (uint8_t)count};
	return span_start(s);
}

/* A span of a class that has none with blocks to give. */
static span *find_span(heap *h, unsigned class)
{
	take_returned(h);
	return h->classes[class] ? h->classes[class] : new_span(h, class);
}

static void *allocate_small(heap *h, size_t size)
{
	unsigned class = class_of(size);
	span *s = h->classes[class];
	if (!s && !(s = find_span(h, class)))
		return NULL;
	block *b = s->freed;
	if (b)
		s->freed = b->next;
	else
		b = block_of(s, s->cut++);
	if (++s->used == s->capacity)
		remove_span(s);
	return b;
}

void *vsp_heap_allocate(size_t size)
{
	heap *h = inside.heap;
	if (!h || size > CHUNK)
		return NULL;
	return size <= LARGEST ? allocate_small(h, size) : allocate_large(h, size);
}

void *vsp_heap_allocate_aligned(size_t alignment, size_t size)
{
	size_t rounded = size;
	if (alignment <= SMALLEST)
		return vsp_heap_allocate(size);
	if (alignment > STAGGER || size > CHUNK)
		return NULL;
	size = (size + alignment - 1) / alignment * alignment;
	if (size <= LARGEST)
		rounded = class_size(class_of(size));
	return size > LARGEST || rounded % alignment == 0 ? vsp_heap_allocate(size) : NULL;
}

size_t vsp_heap_size(const void *b) { return span_of(b)->size; }

bool vsp_heap_free(void *b)
{
	if (!vsp_heap_owns(b))
		return false;
	heap *h = span_of(b)->heap;
	if (h == inside.heap)
		put_back(h, b);
	else
		give_to(h, b);
	return true;
}

/* ---- threads ---- */

static bool try_enter(heap *h) { return !atomic_load(&h->busy) && !atomic_exchange(&h->busy, true); }

void vsp_heap_enter(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, reserve);
	if (inside.depth++ || !atomic_load(&range.base))
		return;
	for (heap *h = heaps; !inside.heap && h < heaps + HEAPS; h++)
		if (try_enter(h))
			inside.heap = h;
}

void vsp_heap_leave(void)
{
	heap *h = inside.heap;
	if (--inside.depth || !h)
		return;
	take_returned(h);
	inside.heap = NULL;
	atomic_store(&h->busy, false);
}

/* ---- giving back ---- */

static void drop_empty_spans(heap *h)
{
	for (unsigned class = 0; class < CLASSES; class++)
		for (span *s = h->classes[class], *next; s; s = next) {
			next = s->next;
			if (s->used == 0)
				drop_span(h, s);
		}
}

void vsp_heap_trim(void)
{
	for (heap *h = heaps; h < heaps + HEAPS; h++) {
		if (!try_enter(h))
			continue;
		take_returned(h);
		drop_empty_spans(h);
		for (chunk *c = h->chunks, *next; c; c = next) {
			next = c->next;
			if (c->used == 0)
				give_chunk(h, c);
		}
		atomic_store(&h->busy, false);
	}
}

size_t vsp_heap_held(void) { return atomic_load(&range.taken) * CHUNK; }
