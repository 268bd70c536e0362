/*
 * Messages between ranks: copies that are sent while the program goes on, and received when it asks.
 */
#include "mpi.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void vsp_mpi_progress(vsp_mpi *mpi)
{
	for (unsigned i = 0; i < mpi->send_count;) {
		vsp_mpi_send *send = &mpi->sends[i];
		int done = 0;
		if (MPI_Test(&send->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done) {
			i++;
			continue;
		}
		mpi->send_bytes -= send->size;
		free(send->bytes);
		*send = mpi->sends[--mpi->send_count];
	}
}

/* One message that is larger than the limit has room when it is alone. */
static bool has_room(const vsp_mpi *mpi, size_t size)
{
	return mpi->send_count < SEND_LIMIT && (!mpi->send_count || mpi->send_bytes + size <= SEND_BYTES);
}

/* Room for one more message. */
static int make_room(vsp_mpi *mpi, size_t size, bool wait)
{
	int failed = 0;
	for (unsigned turn = 0; !failed; turn++) {
		vsp_mpi_progress(mpi);
		if (has_room(mpi, size))
			return 0;
		failed = wait ? vsp_mpi_pause(mpi, turn)
		              : vsp_mpi_fail(mpi, "%u messages have been sent and not received", mpi->send_count);
	}
	return failed;
}

int vsp_mpi_post(vsp_mpi *mpi, MPI_Comm comm, int to, int tag, const void *bytes, size_t size, bool wait)
{
	if (size > INT_MAX)
		return vsp_mpi_fail(mpi, "a message has at most %d bytes", INT_MAX);
	int failed = make_room(mpi, size, wait);
	if (failed)
		return failed;
	vsp_mpi_send *send = &mpi->sends[mpi->send_count];
	*send = (vsp_mpi_send){.bytes = malloc(size ? size : 1), .size = size};
	if (!send->bytes)
		return vsp_mpi_fail(mpi, "out of memory for a message of %zu bytes", size);
	if (size)
		memcpy(send->bytes, bytes, size);
	int status = MPI_Issend(send->bytes, (int)size, MPI_BYTE, to, tag, comm, &send->request);
	if (status != MPI_SUCCESS) {
		free(send->bytes);
		return vsp_mpi_failed(mpi, "sending", status);
	}
	mpi->send_count++;
	mpi->send_bytes += size;
	return 0;
}

/* Receives the message that was found. One that is too long is dropped. */
static int receive(vsp_mpi *mpi, MPI_Message *message, const MPI_Status *found, void *bytes, size_t room, size_t *size)
{
	int count = 0;
	MPI_Get_count(found, MPI_BYTE, &count);
	bool fits = (size_t)count <= room;
	void *to = fits ? bytes : malloc((size_t)count);
	if (!to)
		return vsp_mpi_fail(mpi, "out of memory for a message of %d bytes", count);
	int status = MPI_Mrecv(to, count, MPI_BYTE, message, MPI_STATUS_IGNORE);
	if (!fits)
		free(to);
	if (status != MPI_SUCCESS)
		return vsp_mpi_failed(mpi, "receiving", status);
	*size = (size_t)count;
	return fits ? 0
	            : vsp_mpi_fail(mpi, "a message of %d bytes from rank %d with tag %d has no room in %zu bytes",
	                      count, found->MPI_SOURCE, found->MPI_TAG, room);
}

/* Looks for a message; *taken: there was one, which has been received. */
static int look(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t room, size_t *size, bool *taken)
{
	int found = 0;
	MPI_Message message;
	MPI_Status status;
	int result = MPI_Improbe(from, tag, comm, &found, &message, &status);
	*taken = result == MPI_SUCCESS && found;
	if (result != MPI_SUCCESS)
		return vsp_mpi_failed(mpi, "looking for a message", result);
	return found ? receive(mpi, &message, &status, bytes, room, size) : 0;
}

int vsp_mpi_take(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t room, size_t *size)
{
	bool taken = false;
	int failed = 0;
	for (unsigned turn = 0; !failed && !taken; turn++) {
		vsp_mpi_progress(mpi);
		failed = look(mpi, comm, from, tag, bytes, room, size, &taken);
		if (!failed && !taken)
			failed = vsp_mpi_pause(mpi, turn);
	}
	return failed;
}

int vsp_mpi_take_now(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t room, bool *taken)
{
	size_t size;
	vsp_mpi_progress(mpi);
	return look(mpi, comm, from, tag, bytes, room, &size, taken);
}

/* Receives messages and forgets them. */
static void drop(vsp_mpi *mpi, MPI_Comm comm)
{
	bool taken = true;
	char none[1];
	size_t size;
	while (taken) /* that they have no room is no failure here */
		look(mpi, comm, MPI_ANY_SOURCE, MPI_ANY_TAG, none, 0, &size, &taken);
}

/*
 * All messages have been received when the ranks meet at a barrier that each enters only when its
 * own sends are complete: the non-blocking consensus of T. Hoefler, C. Siebert and A. Lumsdaine,
 * "Scalable Communication Protocols for Dynamic Sparse Data Exchange", PPoPP 2010.
 */
void vsp_mpi_settle(vsp_mpi *mpi)
{
	MPI_Request barrier = MPI_REQUEST_NULL;
	bool entered = false;
	int done = 0;
	for (unsigned turn = 0; !done; turn++) {
		drop(mpi, mpi->messages);
		drop(mpi, mpi->channels);
		drop(mpi, mpi->pairs);
		vsp_mpi_progress(mpi);
		if (!entered && !mpi->send_count)
			entered = MPI_Ibarrier(mpi->all, &barrier) == MPI_SUCCESS;
		if (entered && MPI_Test(&barrier, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
			return;
		vsp_mpi_pause(mpi, turn);
	}
}
