/*
 * What instructions mean between ranks: BROADCAST and RECEIVE exchange states, SYNC waits for all,
 * ENTANGLE for one other. Everything else is the base host's.
 */
#include "mpi.h"

#include <string.h>

/* ---- the base's ---- */

/* Calls the base's callback if it has one. */
#define FORWARD(name, ...) \
	vsp_host *base = &((vsp_mpi *)user)->base; \
	return base->name ? base->name(base->user, __VA_ARGS__) : -VSP_TRAP_UNSUPPORTED

static int host_yield(void *user, vsp_caller *caller)
{
	vsp_host *base = &((vsp_mpi *)user)->base;
	return base->yield ? base->yield(base->user, caller) : 0;
}

static int host_in(void *user, uint32_t port, int32_t *value) { FORWARD(in, port, value); }
static int host_out(void *user, uint32_t port, uint8_t value) { FORWARD(out, port, value); }
static int host_sense(void *user, uint32_t sensor, int32_t *value) { FORWARD(sense, sensor, value); }
static int host_act(void *user, uint32_t actuator, uint8_t value) { FORWARD(act, actuator, value); }
static int host_print(void *user, const char *text, size_t length) { FORWARD(print, text, length); }
static int host_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	FORWARD(read_line, buffer, size, length);
}
static int host_clock_ns(void *user, uint64_t *ns) { FORWARD(clock_ns, ns); }
static int host_random_u64(void *user, uint64_t *value) { FORWARD(random_u64, value); }

static int host_flush(void *user)
{
	vsp_host *base = &((vsp_mpi *)user)->base;
	return base->flush ? base->flush(base->user) : 0;
}

/* ---- between ranks ---- */

static int check_tag(vsp_mpi *mpi, uint32_t channel)
{
	return channel <= (uint32_t)mpi->tag_limit
	               ? 0
	               : vsp_mpi_fail(mpi, "this MPI has channels up to %d, and %u is none", mpi->tag_limit, channel);
}

/* To all others, and, as without MPI, to the program itself. */
static int host_broadcast(void *user, uint32_t channel, const uint8_t state[16])
{
	vsp_mpi *mpi = user;
	int failed = check_tag(mpi, channel);
	for (int to = 0; to < mpi->size && !failed; to++)
		failed = vsp_mpi_post(mpi, mpi->channels, to, (int)channel, state, STATE, false);
	return failed;
}

static int host_receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	vsp_mpi *mpi = user;
	bool taken = false;
	int failed = check_tag(mpi, channel);
	if (!failed)
		failed = vsp_mpi_take_now(mpi, mpi->channels, MPI_ANY_SOURCE, (int)channel, state, STATE, &taken);
	*received = taken;
	return failed;
}

static int host_sync(void *user, uint32_t id) { return vsp_mpi_agree(user, VSP_MPI_SYNC, (int64_t)id, 0); }

/* Waits until the rank that the first register names is at an ENTANGLE that names this one; both
   must have the same value in the second. */
static int host_entangle(void *user, uint32_t register_a, uint32_t register_b, int64_t other, int64_t value)
{
	(void)register_a, (void)register_b;
	vsp_mpi *mpi = user;
	int64_t its = 0;
	if (other < 0 || other >= mpi->size)
		return vsp_mpi_fail(mpi, "there is no rank %lld to entangle with", (long long)other);
	int failed = vsp_mpi_post(mpi, mpi->pairs, (int)other, 0, &value, sizeof value, true);
	if (!failed)
		failed = vsp_mpi_take(mpi, mpi->pairs, (int)other, 0, &its, sizeof its);
	if (!failed && its != value)
		failed = vsp_mpi_fail(mpi, "rank %d entangles %lld, and rank %lld entangles %lld", mpi->rank,
		        (long long)value, (long long)other, (long long)its);
	return failed;
}

void vsp_mpi_open_host(vsp_mpi *mpi)
{
	mpi->host = (vsp_host){.size = sizeof(vsp_host),
	        .user = mpi,
	        .yield = host_yield,
	        .in = host_in,
	        .out = host_out,
	        .sense = host_sense,
	        .act = host_act,
	        .sync = host_sync,
	        .broadcast = host_broadcast,
	        .receive = host_receive,
	        .entangle = host_entangle,
	        .print = host_print,
	        .read_line = host_read_line,
	        .arg_count = mpi->base.arg_count,
	        .args = mpi->base.args,
	        .clock_ns = mpi->base.clock_ns ? host_clock_ns : NULL,
	        .random_u64 = mpi->base.random_u64 ? host_random_u64 : NULL,
	        .flush = host_flush};
}
