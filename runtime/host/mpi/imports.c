/*
 * The imports mpi.NAME: ranges of linear memory that travel between ranks. Every range is checked
 * before anything is sent.
 */
#include "mpi.h"

#include <limits.h>

enum { FIRST = 0x10000 /* the lowest linear address */ };

/* The range [address, address + size) of linear memory, or null after a message. */
static uint8_t *range(vsp_mpi *mpi, const vsp_caller *caller, const char *what, int64_t address, uint64_t size)
{
	uint64_t at = (uint64_t)address;
	if (at >= FIRST && at <= caller->memory_size && size <= caller->memory_size - at)
		return caller->memory + at;
	vsp_mpi_fail(mpi, "%s: the %llu bytes at 0x%llx are not all in the memory", what, (unsigned long long)size,
	        (unsigned long long)at);
	return NULL;
}

/* Is n a rank, or, where that is allowed, -1 for any? */
static bool is_rank(vsp_mpi *mpi, const char *what, int64_t n, bool any)
{
	if ((n >= 0 && n < mpi->size) || (any && n == -1))
		return true;
	vsp_mpi_fail(mpi, "%s: there is no rank %lld among %d", what, (long long)n, mpi->size);
	return false;
}

static bool is_tag(vsp_mpi *mpi, const char *what, int64_t n, bool any)
{
	if ((n >= 0 && n <= mpi->tag_limit) || (any && n == -1))
		return true;
	vsp_mpi_fail(mpi, "%s: %lld is no tag; they go from 0 to %d", what, (long long)n, mpi->tag_limit);
	return false;
}

static int import_rank(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller, (void)args;
	results[0] = ((vsp_mpi *)user)->rank;
	return VSP_OK;
}

static int import_size(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller, (void)args;
	results[0] = ((vsp_mpi *)user)->size;
	return VSP_OK;
}

/* send(to, tag, address, bytes) */
static int import_send(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)results;
	static const char what[] = "mpi.send";
	vsp_mpi *mpi = user;
	if (!is_rank(mpi, what, args[0], false) || !is_tag(mpi, what, args[1], false))
		return VSP_E_HOST;
	const uint8_t *bytes = range(mpi, caller, what, args[2], (uint64_t)args[3]);
	return bytes ? vsp_mpi_send_all(mpi, (int)args[0], (int)args[1], bytes, (uint64_t)args[3]) : VSP_E_HOST;
}

/* recv(from, tag, address, room) -> bytes; -1 is any rank, any tag */
static int import_recv(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	static const char what[] = "mpi.recv";
	vsp_mpi *mpi = user;
	uint64_t size = 0;
	if (!is_rank(mpi, what, args[0], true) || !is_tag(mpi, what, args[1], true))
		return VSP_E_HOST;
	uint8_t *bytes = range(mpi, caller, what, args[2], (uint64_t)args[3]);
	if (!bytes)
		return VSP_E_HOST;
	int from = args[0] < 0 ? MPI_ANY_SOURCE : (int)args[0], tag = args[1] < 0 ? MPI_ANY_TAG : (int)args[1];
	int failed = vsp_mpi_take_all(mpi, from, tag, bytes, (uint64_t)args[3], &size);
	results[0] = (int64_t)size;
	return failed;
}

/* allreduce_f64(operation, in, out, count) */
static int import_allreduce(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)results;
	static const char what[] = "mpi.allreduce_f64";
	vsp_mpi *mpi = user;
	if (args[0] < 0 || args[0] > 3)
		return vsp_mpi_fail(mpi,
		        "%s: %lld is no operation; 0 is the sum, 1 the product, 2 the minimum, 3 the maximum", what,
		        (long long)args[0]);
	if (args[3] < 0 || args[3] > INT_MAX)
		return vsp_mpi_fail(mpi, "%s: %lld is no count", what, (long long)args[3]);
	uint64_t size = (uint64_t)args[3] * sizeof(double);
	const uint8_t *in = range(mpi, caller, what, args[1], size);
	uint8_t *out = in ? range(mpi, caller, what, args[2], size) : NULL;
	return out ? vsp_mpi_allreduce(mpi, (int)args[0], in, out, (uint64_t)args[3]) : VSP_E_HOST;
}

/* gather(root, address, bytes, out): out is used at the root only */
static int import_gather(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)results;
	static const char what[] = "mpi.gather";
	vsp_mpi *mpi = user;
	if (!is_rank(mpi, what, args[0], false))
		return VSP_E_HOST;
	if (args[2] < 0 || args[2] > INT64_MAX / mpi->size)
		return vsp_mpi_fail(mpi, "%s: %lld is no size", what, (long long)args[2]);
	bool root = args[0] == mpi->rank;
	const uint8_t *in = range(mpi, caller, what, args[1], (uint64_t)args[2]);
	uint8_t *out = !in    ? NULL
	               : root ? range(mpi, caller, what, args[3], (uint64_t)args[2] * (uint64_t)mpi->size)
	                      : caller->memory;
	return out ? vsp_mpi_gather(mpi, (int)args[0], in, (uint64_t)args[2], out) : VSP_E_HOST;
}

const vsp_mpi_import *vsp_mpi_imports(size_t *count)
{
	static const vsp_mpi_import imports[] = {
	        {"mpi.rank", 0, 1, import_rank},
	        {"mpi.size", 0, 1, import_size},
	        {"mpi.send", 4, 0, import_send},
	        {"mpi.recv", 4, 1, import_recv},
	        {"mpi.allreduce_f64", 4, 0, import_allreduce},
	        {"mpi.gather", 4, 0, import_gather},
	};
	*count = sizeof imports / sizeof *imports;
	return imports;
}
