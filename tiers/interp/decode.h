/*
 * The internal code of tier 0: bytecode decoded into cells of 16 bytes. A cell is a dispatch target
 * with operands that are ready for use. Register operands are byte offsets into the frame; branch
 * offsets are in bytes. A cell holds one instruction with an immediate of 32 bits, or two
 * instructions in one slot each, or data for the cell before it.
 *
 * A function has several versions, one per combination of vsp_code_kind bits, made when it is first
 * called. They are immutable once published, so instances and threads share them.
 */
#ifndef VSP_TIERS_DECODE_H
#define VSP_TIERS_DECODE_H

#include "exec.h"
#include "runtime/account.h"

/* The bits of the kind of code that an instance runs. */
enum vsp_code_kind {
	VSP_CODE_EXPLICIT = 1 << 0, /* bounds are checked, without guard pages */
	VSP_CODE_PROFILE = 1 << 1,  /* cells that count at function entries and loop heads */
	VSP_CODE_METER = 1 << 2,    /* cells that charge instructions at block heads */
	VSP_CODE_CANON = 1 << 3,    /* float results that are NaNs become canonical */
	VSP_CODE_STEP = 1 << 4,     /* a pause cell before every instruction */
	VSP_CODE_PLAIN = 1 << 5,    /* one cell for each instruction: no fusion */
	VSP_CODE_TALLY = 1 << 6,    /* cells that count branches, entries and indirect calls */
	VSP_CODE_KINDS = 1 << 7
};

/* One decoded function, in one allocation. */
typedef struct vsp_decoded {
	const vsp_loop *loop; /* cells dispatch to its handlers, or to other code */
	uint32_t func;
	uint32_t count;         /* cells */
	uint32_t slots;         /* local slots of an activation */
	bool full;              /* begins with PROLOGUE: RET restores SP and handles pending CALLs */
	const uint32_t *pcs;    /* per cell, the code address of its (first) instruction */
	const uint32_t *second; /* per cell, the code address of the second instruction of a pair */
	/*
	 * Per cell its handler, where cells are dispatched to other code (faster.h); null: the
	 * cells tell.
	 */
	const uint16_t *handlers;
	vsp_cell cells[]; /* cells[0] is the entry */
} vsp_decoded;

/*
 * All functions in one version. entries[f] is where f is entered; at first that is the stub, which
 * decodes f.
 */
typedef struct vsp_code_set {
	struct vsp_code *code;
	unsigned kind;
	_Atomic(vsp_decoded *) *decoded;
	_Atomic(const vsp_cell *) entries[];
} vsp_code_set;

/*
 * Functions with more bytes of code than this are decoded in bounded steps, and less well
 * (decode_large.c).
 */
enum { VSP_DECODE_LARGE = 1 << 17 };

enum vsp_decode_failure { VSP_DECODE_NO_MEMORY, VSP_DECODE_LIMIT, VSP_DECODE_INTERRUPTED };

/* The conditions under which a function is decoded, and the results. */
typedef struct vsp_decode_how {
	vsp_account *account;              /* charged with the code as long as it exists; null: none */
	const _Atomic uint32_t *interrupt; /* large functions are given up when it becomes non-zero; null: never */
	uint64_t bytes;                    /* result: the size that was charged */
	enum vsp_decode_failure failed;    /* result: why there is no code */
} vsp_decode_how;

/* The set of a kind. Null: out of memory. Thread-safe. */
const vsp_code_set *vsp_code_set_get(struct vsp_code *code, unsigned kind);
/* Decodes function f if needed. Null: see how->failed. Thread-safe. */
vsp_decoded *vsp_code_decode(const vsp_code_set *set, uint32_t f, vsp_decode_how *how);
/* The cell at which functions that have not been decoded are entered. */
const vsp_cell *vsp_code_stub(const struct vsp_code *code);
const vsp_module_data *vsp_code_module(const struct vsp_code *code);

/* The code address of the instruction in slot (0 or 1) of a cell of d. */
uint32_t vsp_decoded_pc(const vsp_decoded *d, const vsp_cell *cell, unsigned slot);

/* Does cell number i have this handler? */
bool vsp_decoded_is(const vsp_decoded *d, size_t i, unsigned handler);

/*
 * Decodes function f as kind says (decode_function.c); allocated by vsp_alloc. Null: see
 * how->failed.
 */
vsp_decoded *vsp_decode_function(
        const vsp_module_data *m, const vsp_loop *loop, uint32_t f, unsigned kind, vsp_decode_how *how);

#endif
