/*
 * What all ranks do together. MPI does not notice when ranks take different steps, or the same with
 * different sizes: it writes one rank's bytes into another's smaller buffer. So each step begins
 * with an agreement, which is the same operation of the same size for all of them.
 */
#include "mpi.h"

#include <stdlib.h>
#include <string.h>

static const char *const step_names[] = {"SYNC", "mpi.allreduce_f64", "mpi.gather", "the end"};

bool vsp_mpi_ask(vsp_mpi *mpi, enum vsp_mpi_step step, int64_t a, int64_t b, MPI_Request *request)
{
	if (mpi->broken) {
		vsp_mpi_fail(mpi, "%s: an earlier wait was given up", step_names[step]);
		return false;
	}
	/* The largest of n and of -n tell whether all have the same n. */
	const int64_t values[] = {(int64_t)step, a, b, -(int64_t)step, -a, -b};
	memcpy(mpi->given, values, sizeof values);
	int status = MPI_Iallreduce(mpi->given, mpi->largest, 6, MPI_INT64_T, MPI_MAX, mpi->all, request);
	if (status != MPI_SUCCESS)
		vsp_mpi_failed(mpi, step_names[step], status);
	return status == MPI_SUCCESS;
}

int vsp_mpi_agreed(vsp_mpi *mpi)
{
	const int64_t *given = mpi->given, *most = mpi->largest;
	if (most[0] != -most[3])
		return vsp_mpi_fail(mpi, "rank %d is at %s, and others are at %s", mpi->rank, step_names[given[0]],
		        step_names[most[0] == given[0] ? -most[3] : most[0]]);
	for (int i = 1; i <= 2; i++)
		if (most[i] != -most[i + 3])
			return vsp_mpi_fail(mpi,
			        "rank %d is at %s with %lld, and others have numbers from %lld to %lld", mpi->rank,
			        step_names[given[0]], (long long)given[i], (long long)-most[i + 3], (long long)most[i]);
	return 0;
}

int vsp_mpi_agree(vsp_mpi *mpi, enum vsp_mpi_step step, int64_t a, int64_t b)
{
	MPI_Request request;
	if (!vsp_mpi_ask(mpi, step, a, b, &request))
		return -VSP_TRAP_HOST;
	int failed = vsp_mpi_wait(mpi, step_names[step], &request, MPI_STATUS_IGNORE);
	return failed ? failed : vsp_mpi_agreed(mpi);
}

/* Waits for an operation that MPI has begun, or has not. */
static int finish(vsp_mpi *mpi, enum vsp_mpi_step step, int status, MPI_Request *request)
{
	return status == MPI_SUCCESS ? vsp_mpi_wait(mpi, step_names[step], request, MPI_STATUS_IGNORE)
	                             : vsp_mpi_failed(mpi, step_names[step], status);
}

static size_t part_of(uint64_t left, size_t most) { return left < most ? (size_t)left : most; }

int vsp_mpi_allreduce(vsp_mpi *mpi, int operation, const uint8_t *in, uint8_t *out, uint64_t count)
{
	const MPI_Op operations[] = {MPI_SUM, MPI_PROD, MPI_MIN, MPI_MAX};
	int failed = vsp_mpi_agree(mpi, VSP_MPI_ALLREDUCE, operation, (int64_t)count);
	for (uint64_t at = 0; at < count && !failed;) {
		size_t n = part_of(count - at, PIECE / sizeof(double)), size = n * sizeof(double);
		MPI_Request request;
		memcpy(mpi->scratch, in + at * sizeof(double), size);
		int status = MPI_Iallreduce(mpi->scratch, mpi->scratch + PIECE, (int)n, MPI_DOUBLE,
		        operations[operation], mpi->all, &request);
		failed = finish(mpi, VSP_MPI_ALLREDUCE, status, &request);
		if (!failed)
			memcpy(out + at * sizeof(double), mpi->scratch + PIECE, size);
		at += n;
	}
	return failed;
}

/* One part of each rank's bytes, at the same offset in all of them. */
static int gather_part(vsp_mpi *mpi, int root, const uint8_t *in, size_t part)
{
	MPI_Request request;
	memcpy(mpi->scratch, in, part);
	int status = MPI_Igather(
	        mpi->scratch, (int)part, MPI_BYTE, mpi->scratch + PIECE, (int)part, MPI_BYTE, root, mpi->all, &request);
	return finish(mpi, VSP_MPI_GATHER, status, &request);
}

int vsp_mpi_gather(vsp_mpi *mpi, int root, const uint8_t *in, uint64_t size, uint8_t *out)
{
	size_t most = (size_t)(PIECE / mpi->size); /* there are fewer ranks than that: see join */
	int failed = vsp_mpi_agree(mpi, VSP_MPI_GATHER, root, (int64_t)size);
	for (uint64_t at = 0; at < size && !failed;) {
		size_t part = part_of(size - at, most);
		failed = gather_part(mpi, root, in + at, part);
		for (int from = 0; root == mpi->rank && from < mpi->size && !failed; from++)
			memcpy(out + (uint64_t)from * size + at, mpi->scratch + PIECE + (size_t)from * part, part);
		at += part;
	}
	return failed;
}
