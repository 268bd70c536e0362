/*
 * Comparing two runs of a program, see outcome.h.
 */
#include "outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *leaf_difference(const outcome *a, const outcome *b, bool precise)
{
	for (unsigned n = 0; n < LEAF_CALLS; n++) {
		bool trapped = a->leaf[n].status == VSP_TRAPPED;
		if (a->leaf[n].status != b->leaf[n].status ||
		        (trapped && precise && a->leaf[n].trap != b->leaf[n].trap))
			return "end of an exported function";
		if (a->leaf[n].status == VSP_OK && a->leaf[n].result != b->leaf[n].result)
			return "result of an exported function";
	}
	return a->output != b->output ? "what the host heard" : NULL;
}

/* Compiled programs tell HLT from RET by nothing. */
static uint32_t end_of(const outcome *o, bool exact)
{
	return !exact && o->state.end == VSP_RUN_RETURNED ? VSP_RUN_HALTED : o->state.end;
}

const char *outcome_difference(const outcome *a, const outcome *b, bool precise)
{
	bool trapped = a->status == VSP_TRAPPED;
	if (trapped && !precise)
		return b->status != VSP_TRAPPED ? "end: the trap is lost"
		       : a->output != b->output ? "what the host heard before the trap"
		                                : NULL;
	if (a->status != b->status || end_of(a, !b->no_flags) != end_of(b, !b->no_flags))
		return "end";
	if (a->state.exit_code != b->state.exit_code)
		return "exit status";
	if (a->state.trap != b->state.trap || a->state.trap_code != b->state.trap_code)
		return "trap";
	if (a->memory != b->memory)
		return "memory";
	if (!b->no_flags && (a->state.mode != b->state.mode || memcmp(a->state.g, b->state.g, sizeof a->state.g)))
		return "mode or gradient";
	if (a->state.pc != b->state.pc && b->state.pc != VSP_NO_PC)
		return "pc";
	if (!trapped || b->state.known) {
		if (memcmp(a->state.r, b->state.r, sizeof a->state.r))
			return "registers";
		if (!b->no_flags && (a->state.sr != b->state.sr || a->state.sp != b->state.sp))
			return "flags or SP";
	}
	return leaf_difference(a, b, precise);
}

void outcome_show(const char *name, const outcome *o)
{
	fprintf(stderr, "  %s: status %d, %s, pc %" PRIx32 ", sp %" PRIx32 ", sr %02x, memory %016" PRIx64 "\n   ",
	        name, o->status, o->message, o->state.pc, o->state.sp, o->state.sr, o->memory);
	for (int i = 0; i < 16; i++)
		fprintf(stderr, " %" PRIx64, (uint64_t)o->state.r[i]);
	fprintf(stderr, "\n    leaf");
	for (int n = 0; n < LEAF_CALLS; n++)
		fprintf(stderr, " %d %" PRIx64, o->leaf[n].status, (uint64_t)o->leaf[n].result);
	fputc('\n', stderr);
}
