/*
 * LAUNCH in compiled programs for systems where they have no threads, see team.h.
 */
#include "team.h"

int vsp_team_run(vsp_rt *rt, const void *code, const vsp_batch_op *op, uint64_t size, uint64_t *next)
{
	(void)rt, (void)code, (void)op, (void)size, (void)next; /* nothing has been begun */
	return 0;
}
