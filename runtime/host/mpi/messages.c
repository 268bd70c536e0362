/*
 * Messages between ranks: copies that are sent while the program goes on, and received when it
 * asks.
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

/* Room for one more message of at most PIECE bytes. */
static int make_room(vsp_mpi *mpi, size_t size, bool wait)
{
	int failed = 0;
	for (unsigned turn = 0; !failed; turn++) {
		vsp_mpi_progress(mpi);
		if (mpi->send_count < SEND_LIMIT && mpi->send_bytes + size <= SEND_BYTES)
			return 0;
		failed = wait ? vsp_mpi_pause(mpi, turn)
		              : vsp_mpi_fail(mpi, "%u messages have been sent and not received", mpi->send_count);
	}
	return failed;
}

int vsp_mpi_post(vsp_mpi *mpi, MPI_Comm comm, int to, int tag, const void *bytes, size_t size, bool wait)
{
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

/*
 * Receives the message that was found into scratch, *size bytes, since a wait for it that is given
 * up leaves MPI writing there.
 */
static int receive(vsp_mpi *mpi, MPI_Message *message, const MPI_Status *found, size_t *size)
{
	int count = 0;
	MPI_Request request;
	MPI_Get_count(found, MPI_BYTE, &count);
	*size = (size_t)count;
	if (*size > sizeof mpi->scratch)
		return vsp_mpi_fail(mpi, "a message of %d bytes has arrived, which VSP does not send", count);
	int status = MPI_Imrecv(mpi->scratch, count, MPI_BYTE, message, &request);
	return status == MPI_SUCCESS ? vsp_mpi_wait(mpi, "receiving", &request, MPI_STATUS_IGNORE)
	                             : vsp_mpi_failed(mpi, "receiving", status);
}

/* Looks for a message; *taken: there was one, of *size bytes, which is in scratch. */
static int look(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, MPI_Status *status, size_t *size, bool *taken)
{
	int found = 0;
	MPI_Message message;
	*taken = false;
	if (mpi->broken)
		return vsp_mpi_fail(mpi, "an earlier wait was given up");
	vsp_mpi_progress(mpi);
	int result = MPI_Improbe(from, tag, comm, &found, &message, status);
	if (result != MPI_SUCCESS)
		return vsp_mpi_failed(mpi, "looking for a message", result);
	int failed = found ? receive(mpi, &message, status, size) : 0;
	*taken = found && !failed;
	return failed;
}

/* Waits for a message, which is then in scratch. */
static int await(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, MPI_Status *status, size_t *size)
{
	bool taken = false;
	int failed = 0;
	for (unsigned turn = 0; !failed && !taken; turn += turn < UINT_MAX) {
		failed = look(mpi, comm, from, tag, status, size, &taken);
		if (!failed && !taken)
			failed = vsp_mpi_pause(mpi, turn);
	}
	return failed;
}

/* Copies from scratch what must have so many bytes. */
static int copy(vsp_mpi *mpi, void *bytes, size_t size, size_t received)
{
	if (received != size)
		return vsp_mpi_fail(mpi, "%zu bytes have arrived where %zu are due", received, size);
	memcpy(bytes, mpi->scratch, size);
	return 0;
}

int vsp_mpi_take(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t size)
{
	MPI_Status status;
	size_t received = 0;
	int failed = await(mpi, comm, from, tag, &status, &received);
	return failed ? failed : copy(mpi, bytes, size, received);
}

int vsp_mpi_take_now(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t size, bool *taken)
{
	MPI_Status status;
	size_t received = 0;
	int failed = look(mpi, comm, from, tag, &status, &received, taken);
	return failed || !*taken ? failed : copy(mpi, bytes, size, received);
}

/* ---- messages in pieces: first the size, then the bytes ---- */

int vsp_mpi_send_all(vsp_mpi *mpi, int to, int tag, const uint8_t *bytes, uint64_t size)
{
	int failed = vsp_mpi_post(mpi, mpi->messages, to, tag, &size, sizeof size, true);
	for (uint64_t at = 0; at < size && !failed; at += PIECE) {
		size_t part = size - at < PIECE ? (size_t)(size - at) : PIECE;
		failed = vsp_mpi_post(mpi, mpi->messages, to, tag, bytes + at, part, true);
	}
	return failed;
}

/* The pieces of one rank with one tag come in their order, and nothing between them. */
int vsp_mpi_take_all(vsp_mpi *mpi, int from, int tag, uint8_t *bytes, uint64_t room, uint64_t *size)
{
	MPI_Status status;
	size_t received = 0;
	int failed = await(mpi, mpi->messages, from, tag, &status, &received);
	if (failed || (failed = copy(mpi, size, sizeof *size, received)))
		return failed;
	uint64_t all = *size;
	bool fits = all <= room;
	int source = status.MPI_SOURCE, its_tag = status.MPI_TAG;
	for (uint64_t at = 0; at < all && !failed; at += received) {
		failed = await(mpi, mpi->messages, source, its_tag, &status, &received);
		if (!failed && (!received || received > all - at))
			failed = vsp_mpi_fail(mpi, "%zu bytes have arrived where at most %llu are due", received,
			        (unsigned long long)(all - at));
		if (!failed && fits)
			memcpy(bytes + at, mpi->scratch, received);
	}
	if (failed || fits)
		return failed;
	return vsp_mpi_fail(mpi, "a message of %llu bytes from rank %d with tag %d has no room in %llu bytes",
	        (unsigned long long)all, source, its_tag, (unsigned long long)room);
}

/* ---- the end ---- */

/* Receives messages and forgets them. */
static int drop(vsp_mpi *mpi, MPI_Comm comm)
{
	bool taken = true;
	size_t size;
	int failed = 0;
	MPI_Status status;
	while (taken && !failed)
		failed = look(mpi, comm, MPI_ANY_SOURCE, MPI_ANY_TAG, &status, &size, &taken);
	return failed;
}

/*
 * All messages have been received when the ranks agree to end, which each begins only when its own
 * sends are complete: the non-blocking consensus of T. Hoefler, C. Siebert and A. Lumsdaine,
 * "Scalable Communication Protocols for Dynamic Sparse Data Exchange", PPoPP 2010.
 */
int vsp_mpi_settle(vsp_mpi *mpi)
{
	const MPI_Comm comms[] = {mpi->messages, mpi->channels, mpi->pairs};
	MPI_Request request;
	bool asked = false;
	int done = 0, failed = 0;
	for (unsigned turn = 0; !done && !failed; turn += turn < UINT_MAX) {
		for (unsigned i = 0; i < sizeof comms / sizeof *comms && !failed; i++)
			failed = drop(mpi, comms[i]);
		if (!failed && !asked && !mpi->send_count && !(asked = vsp_mpi_ask(mpi, VSP_MPI_END, 0, 0, &request)))
			failed = -VSP_TRAP_HOST;
		if (!failed && asked && MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
			failed = vsp_mpi_fail(mpi, "the end: MPI fails");
		if (!failed && !done)
			failed = vsp_mpi_pause(mpi, turn);
	}
	return failed ? failed : vsp_mpi_agreed(mpi);
}
