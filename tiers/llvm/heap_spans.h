/*
 * The spans of the compiler's heaps, see heap.h: what they are, and where they come from. One range of addresses is reserved for the process and divided into
 * chunks of 2 MiB, the size of a large page; a chunk belongs to a heap or to nobody. Chunks are divided into spans of 64 KiB: one for blocks of one size, or
 * several for one large block. So a block's address leads to its span, and from there to its heap. What is known of spans is in a table of its own: at the starts
 * of the spans it would be all in one set of the processor's caches, whose size divides theirs.
 */
#ifndef VSP_LLVM_HEAP_SPANS_H
#define VSP_LLVM_HEAP_SPANS_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHUNK = 2 << 20,
	SPAN = 64 << 10,
	SPANS = CHUNK / SPAN,
	CHUNKS = 512,
	SMALLEST = 16, /* bytes; what malloc promises to align to */
	STEPS = 4,     /* classes from one power of two to the next */
	STEPS_LOG = 2,
	LINEAR_LOG = 6, /* the first 2 * STEPS classes, by SMALLEST, end at 2^(LINEAR_LOG + 1) */
	CLASSES = 39,
	LARGEST = 28 << 10, /* bytes: of the last class, two to a span; what is larger has spans of its own */
	LARGE = CLASSES,    /* the class of such blocks */
	KEPT = 4,           /* chunks in which nothing is left */
	STAGGER = 64 /* bytes by which a span's small blocks begin later than those of the one before, for the caches */
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
	unsigned held, idle; /* chunks: all, and those without spans in use */
	struct chunk *spare; /* in none of them: for when there is no memory left; or null */
	size_t outside;      /* bytes that the thread inside has of the system's malloc */
} heap;

extern span vsp_spans[CHUNKS * SPANS];   /* of each chunk in turn */
extern _Atomic uintptr_t vsp_spans_base; /* of CHUNKS chunks; 0: not reserved */

/* Of a block of a heap. */
static inline span *vsp_span_of(const void *b)
{
	return &vsp_spans[((uintptr_t)b - atomic_load_explicit(&vsp_spans_base, memory_order_relaxed)) / SPAN];
}

/* Where a span's blocks begin, if they are small ones; and number index of them. */
static inline size_t vsp_span_stagger(const span *s) { return (size_t)(s - vsp_spans) % SPANS * STAGGER; }
static inline uint8_t *vsp_span_start(const span *s)
{
	return (uint8_t *)(atomic_load(&vsp_spans_base) + (size_t)(s - vsp_spans) * SPAN);
}
static inline block *vsp_span_block(const span *s, unsigned index)
{
	return (block *)(vsp_span_start(s) + vsp_span_stagger(s) + index * s->size);
}

/* The list of a class. */
static inline void vsp_span_push(span **list, span *s)
{
	s->next = *list;
	s->link = list;
	if (s->next)
		s->next->link = &s->next;
	*list = s;
}

static inline void vsp_span_remove(span *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->link = NULL;
}

/* Reserves the range, once; where that fails there are no spans. */
void vsp_spans_reserve(void);
/* A span for blocks of a class, in its list, or for one block of up to CHUNK bytes, in none. Null: there is none. */
span *vsp_spans_new(heap *h, unsigned class);
span *vsp_spans_large(heap *h, size_t size);
/* Has the heap a spare chunk? Gets one where it has none and there is memory for it. */
bool vsp_spans_get_spare(heap *h);
/* The spare chunk becomes one like the others. False: there is none. */
bool vsp_spans_use_spare(heap *h);
/* Ends a span without blocks in use. */
void vsp_spans_give(heap *h, span *s);
/* Ends all such spans, and gives back the chunks in which nothing is left then. */
void vsp_spans_trim(heap *h);
/* Bytes of the chunks that heaps have. */
size_t vsp_spans_held(void);
/* Bytes of the blocks of a class. */
size_t vsp_spans_class_size(unsigned class);

#endif
