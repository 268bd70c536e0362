/*
 * Waiting for other ranks: by asking, so that a wait can be interrupted, and so that a rank that
 * waits long leaves the processor to others.
 */
#include "mpi.h"

#include <time.h>

enum { BUSY_TURNS = 2000, PAUSE_NS = 50000, LONG_PAUSE_NS = 1000000 };

int vsp_mpi_pause(vsp_mpi *mpi, unsigned turn)
{
	if (turn < BUSY_TURNS)
		return 0;
	struct timespec pause = {0, turn < 2 * BUSY_TURNS ? PAUSE_NS : LONG_PAUSE_NS};
	nanosleep(&pause, NULL);
	bool stopped = mpi->config.stopped && mpi->config.stopped(mpi->config.stop_user);
	if (!stopped)
		return 0;
	vsp_mpi_fail(mpi, "a wait for other ranks was stopped");
	return -VSP_TRAP_INTERRUPTED;
}

int vsp_mpi_wait(vsp_mpi *mpi, const char *what, MPI_Request *request, MPI_Status *status)
{
	int done = 0, failed = 0;
	for (unsigned turn = 0; !failed; turn += turn < 2 * BUSY_TURNS) {
		int result = MPI_Test(request, &done, status);
		if (result != MPI_SUCCESS)
			failed = vsp_mpi_failed(mpi, what, result);
		else if (done)
			return 0;
		else
			failed = vsp_mpi_pause(mpi, turn);
	}
	mpi->broken = true;
	return failed;
}
