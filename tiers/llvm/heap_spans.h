/*
 * The spans of the compiler's heaps, and their source; see heap.h. One range of addresses is
 * reserved for the process and divided into chunks of 2 MiB, the size of a large page; a chunk
 * belongs to one heap or to nobody. Chunks are divided into spans of 64 KiB: one span holds blocks
 * of one size, or several spans hold one large block. So the address of a block leads to its span,
 * and from there to its heap. The descriptions of spans are in a table of their own: at the starts
 * of the spans they would all fall into one set of the processor's caches, because the size of a
 * cache way divides the size of a span.
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
	SMALLEST = 16, /* bytes; the alignment that malloc promises */
	STEPS = 4,     /* number of classes per power of two */
	STEPS_LOG = 2,
	LINEAR_LOG = 6, /* the first 2 * STEPS classes are SMALLEST apart, up to 2^(LINEAR_LOG + 1) */
	CLASSES = 39,
	LARGEST = 28 << 10, /* bytes: the last class, two blocks to a span; larger blocks have spans of their own */
	LARGE = CLASSES,    /* the class of such larger blocks */
	KEPT = 4,           /* number of empty chunks that a heap keeps */
	/*
	 * Bytes by which the small blocks of a span begin later than those of the span before, so
	 * that they use different sets of the caches.
	 */
	STAGGER = 64
};
static_assert(SPANS == 32, "a chunk's spans are the bits of a word");

typedef struct block {
	struct block *next;
} block;

typedef struct span {
	struct span *next, **link; /* in the list of its class; link: null when it is in no list */
	struct heap *heap;
	block *freed;
	size_t size;                  /* of its blocks */
	uint16_t capacity, used, cut; /* numbers of blocks: that fit, in use, ever handed out */
	uint8_t class, spans;         /* number of spans that it occupies */
} span;

typedef struct heap {
	_Atomic bool busy; /* a thread is inside */
	_Atomic(block *) returned;
	span *classes[CLASSES]; /* spans with free blocks */
	struct chunk *chunks;
	unsigned held, idle; /* numbers of chunks: all, and those without spans in use */
	struct chunk *spare; /* in no list: for when there is no memory left; or null */
	size_t outside;      /* bytes of the system's malloc that the thread inside holds */
} heap;

extern span vsp_spans[CHUNKS * SPANS];   /* chunk after chunk */
extern _Atomic uintptr_t vsp_spans_base; /* of the range, CHUNKS chunks long; 0: not reserved */

/* The span of a heap's block. */
static inline span *vsp_span_of(const void *b)
{
	return &vsp_spans[((uintptr_t)b - atomic_load_explicit(&vsp_spans_base, memory_order_relaxed)) / SPAN];
}

/*
 * The offset at which the blocks of a span of small blocks begin, and the address of block number
 * index.
 */
static inline size_t vsp_span_stagger(const span *s) { return (size_t)(s - vsp_spans) % SPANS * STAGGER; }
static inline uint8_t *vsp_span_start(const span *s)
{
	return (uint8_t *)(atomic_load(&vsp_spans_base) + (size_t)(s - vsp_spans) * SPAN);
}
static inline block *vsp_span_block(const span *s, unsigned index)
{
	return (block *)(vsp_span_start(s) + vsp_span_stagger(s) + index * s->size);
}

/* Inserts into the list of a class. */
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

/* Reserves the range, once. If that fails, there are no spans. */
void vsp_spans_reserve(void);
/*
 * A span for blocks of a class, which is put in the list of that class; or a span for one block of
 * up to CHUNK bytes, which is in no list. Null: there is none.
 */
span *vsp_spans_new(heap *h, unsigned class);
span *vsp_spans_large(heap *h, size_t size);
/*
 * Makes sure that the heap has a spare chunk. False: it has none, and there is no memory for one.
 */
bool vsp_spans_get_spare(heap *h);
/* Turns the spare chunk into an ordinary one. False: there is none. */
bool vsp_spans_use_spare(heap *h);
/* Gives back a span without blocks in use. */
void vsp_spans_give(heap *h, span *s);
/* Gives back all such spans, and then the empty chunks. */
void vsp_spans_trim(heap *h);
/* The number of bytes in the chunks that belong to heaps. */
size_t vsp_spans_held(void);
/* The size of a class's blocks in bytes. */
size_t vsp_spans_class_size(unsigned class);

#endif
