/*
 * Heaps of size classes, see heap.h: blocks are cut from spans (heap_spans.h), and each heap serves
 * one thread at a time.
 *
 * Invariants. Only the thread inside a heap touches its spans and lists. Other threads put the
 * blocks that they free on the heap's list of returned blocks, which the heap takes as a whole. A
 * span with free blocks is in the list of its class. Only the last span of the list may have no
 * block in use; it is kept so that the next block of its size finds it.
 */
#include "heap.h"

#include "heap_spans.h"
#include "runtime/base/bits.h"
#include "runtime/platform/platform.h"

enum { HEAPS = 64 };

static heap heaps[HEAPS];
/* Read at every allocation. Where possible it is reached without a call (CMakeLists.txt). */
static _Thread_local struct {
	heap *heap;
	unsigned depth;
	unsigned locks; /* that the thread holds */
	bool doomed;    /* the thread stops when it has released the last of them */
} inside;

bool vsp_heap_owns(const void *b)
{
	uintptr_t base = atomic_load_explicit(&vsp_spans_base, memory_order_relaxed);
	return base && (uintptr_t)b - base < (uintptr_t)CHUNKS * CHUNK;
}

/* ---- blocks ---- */

/* 4 classes to a power of two: 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, ... */
static unsigned class_of(size_t size)
{
	if (size <= 2 * STEPS * SMALLEST)
		return size ? (unsigned)(size - 1) / SMALLEST : 0;
	unsigned log = 63 - vsp_clz64(size - 1); /* 2^log < size <= 2^(log + 1) */
	return STEPS * (log - LINEAR_LOG) + (unsigned)((size - 1) >> (log - STEPS_LOG));
}

static void put_back(heap *h, block *b)
{
	span *s = vsp_span_of(b);
	if (s->class == LARGE) {
		vsp_spans_give(h, s);
		return;
	}
	b->next = s->freed;
	s->freed = b;
	if (!s->link)
		vsp_span_push(&h->classes[s->class], s);
	if (--s->used == 0 && s->next)
		vsp_spans_give(h, s);
}

/* Takes the blocks that other threads have freed. */
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

/* A new span for a class that has no span with free blocks. */
static span *find_span(heap *h, unsigned class)
{
	take_returned(h);
	return h->classes[class] ? h->classes[class] : vsp_spans_new(h, class);
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
		b = vsp_span_block(s, s->cut++);
	if (++s->used == s->capacity)
		vsp_span_remove(s);
	return b;
}

static void *allocate_large(heap *h, size_t size)
{
	span *s = vsp_spans_large(h, size);
	return s ? vsp_span_start(s) : NULL;
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
		rounded = vsp_spans_class_size(class_of(size));
	return size > LARGEST || rounded % alignment == 0 ? vsp_heap_allocate(size) : NULL;
}

size_t vsp_heap_size(const void *b) { return vsp_span_of(b)->size; }

bool vsp_heap_free(void *b)
{
	if (!vsp_heap_owns(b))
		return false;
	heap *h = vsp_span_of(b)->heap;
	if (h == inside.heap)
		put_back(h, b);
	else
		give_to(h, b);
	return true;
}

/* ---- the budget ---- */

bool vsp_heap_inside(void) { return inside.depth != 0; }

bool vsp_heap_take_outside(size_t bytes)
{
	heap *h = inside.heap;
	if (!h)
		return true;
	h->outside += bytes;
	return h->outside + (size_t)(h->held - h->idle) * CHUNK <= VSP_HEAP_BUDGET;
}

/* The block may have been allocated during an earlier stay inside, and from another heap. */
void vsp_heap_give_outside(size_t bytes)
{
	heap *h = inside.heap;
	if (h)
		h->outside -= bytes < h->outside ? bytes : h->outside;
}

/* ---- locks ---- */

void vsp_heap_locked(void) { inside.locks++; }

bool vsp_heap_unlocked(void)
{
	if (inside.locks)
		inside.locks--;
	return !inside.locks && inside.doomed;
}

bool vsp_heap_stop_later(void)
{
	inside.doomed = inside.depth && inside.locks;
	return inside.doomed;
}

void *vsp_heap_last_resort(size_t alignment, size_t size)
{
	void *found = vsp_heap_allocate_aligned(alignment, size);
	if (!found && inside.heap && vsp_spans_use_spare(inside.heap))
		found = vsp_heap_allocate_aligned(alignment, size);
	return found;
}

/* ---- threads ---- */

static bool try_enter(heap *h) { return !atomic_load(&h->busy) && !atomic_exchange(&h->busy, true); }

bool vsp_heap_enter(void)
{
	vsp_spans_reserve();
	if (inside.depth++ || !atomic_load(&vsp_spans_base))
		return true;
	for (heap *h = heaps; !inside.heap && h < heaps + HEAPS; h++)
		if (try_enter(h))
			inside.heap = h;
	return !inside.heap || vsp_spans_get_spare(inside.heap);
}

void vsp_heap_leave(void)
{
	heap *h = inside.heap;
	if (--inside.depth || !h)
		return;
	take_returned(h);
	inside.heap = NULL;
	inside.doomed = false;
	atomic_store(&h->busy, false);
}

/* No thread enters the heap any more: it stays busy. */
void vsp_heap_abandon(void)
{
	inside.heap = NULL;
	inside.depth = 0;
	inside.doomed = false;
}

/* ---- giving back ---- */

void vsp_heap_trim(void)
{
	for (heap *h = heaps; h < heaps + HEAPS; h++) {
		if (!try_enter(h))
			continue;
		take_returned(h);
		vsp_spans_trim(h);
		atomic_store(&h->busy, false);
	}
}

size_t vsp_heap_held(void) { return vsp_spans_held(); }
