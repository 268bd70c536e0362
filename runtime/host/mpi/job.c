/*
 * A rank's membership of an MPI job: joining, leaving, ending all, and the messages of failures.
 */
#include "mpi.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FORWARDED_NS = 200000000 };

int vsp_mpi_fail(vsp_mpi *mpi, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vsnprintf(mpi->message, sizeof mpi->message, format, list);
	va_end(list);
	return -VSP_TRAP_HOST;
}

int vsp_mpi_failed(vsp_mpi *mpi, const char *what, int status)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int length = 0;
	MPI_Error_string(status, text, &length);
	return vsp_mpi_fail(mpi, "%s: MPI says: %s", what, text);
}

static vsp_mpi *refuse(vsp_error *error, vsp_status code, const char *message)
{
	const size_t needed = offsetof(vsp_error, message) + sizeof error->message;
	if (error && error->size >= needed) {
		error->code = code;
		snprintf(error->message, sizeof error->message, "%s", message);
	}
	return NULL;
}

/* Copies as much as the caller's header knows. */
static void take_sized(void *to, size_t room, const void *from, uint32_t size)
{
	memcpy(to, from, size < room ? size : room);
}

/* MPI, initialised and not finalised. */
static const char *start(vsp_mpi *mpi)
{
	int yes = 0, level;
	MPI_Finalized(&yes);
	if (yes)
		return "MPI has been finalised, and can be used once in a process";
	MPI_Initialized(&yes);
	if (!yes && MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS)
		return "MPI cannot be initialised";
	mpi->initialised = !yes;
	return NULL;
}

/* The communicators, in an array of pointers to them. */
#define COMMS(mpi) {&(mpi)->messages, &(mpi)->channels, &(mpi)->pairs, &(mpi)->all}

/* Communicators of our own, so that the host's messages are not ours. */
static const char *join(vsp_mpi *mpi)
{
	MPI_Comm *const comms[] = COMMS(mpi);
	for (unsigned i = 0; i < sizeof comms / sizeof *comms; i++) {
		if (MPI_Comm_dup(MPI_COMM_WORLD, comms[i]) != MPI_SUCCESS)
			return "MPI has no communicator left";
		MPI_Comm_set_errhandler(*comms[i], MPI_ERRORS_RETURN);
	}
	int known = 0;
	const int *limit = NULL;
	MPI_Comm_get_attr(mpi->messages, MPI_TAG_UB, &limit, &known);
	mpi->tag_limit = known && limit ? *limit : 32767; /* which MPI guarantees */
	MPI_Comm_rank(mpi->all, &mpi->rank);
	MPI_Comm_size(mpi->all, &mpi->size);
	return mpi->size <= PIECE ? NULL : "there are more ranks than VSP knows to gather from";
}

/* Undoes start and join, as far as they came. */
static void leave(vsp_mpi *mpi)
{
	MPI_Comm *const comms[] = COMMS(mpi);
	for (unsigned i = 0; i < sizeof comms / sizeof *comms; i++)
		if (*comms[i] != MPI_COMM_NULL)
			MPI_Comm_free(comms[i]);
	if (mpi->initialised)
		MPI_Finalize();
	free(mpi);
}

vsp_mpi *vsp_mpi_new(const vsp_mpi_config *config, vsp_error *error)
{
	if (config && !config->size)
		return refuse(error, VSP_E_ARGUMENT,
		        "the configuration does not say its size; start from VSP_MPI_CONFIG_INIT");
	vsp_mpi *mpi = calloc(1, sizeof *mpi);
	if (!mpi)
		return refuse(error, VSP_E_MEMORY, "out of memory");
	if (config)
		take_sized(&mpi->config, sizeof mpi->config, config, config->size);
	if (mpi->config.base)
		take_sized(&mpi->base, sizeof mpi->base, mpi->config.base, mpi->config.base->size);
	MPI_Comm *const comms[] = COMMS(mpi);
	for (unsigned i = 0; i < sizeof comms / sizeof *comms; i++)
		*comms[i] = MPI_COMM_NULL;
	const char *wrong = start(mpi);
	if (!wrong)
		wrong = join(mpi);
	if (wrong) {
		leave(mpi);
		return refuse(error, VSP_E_UNSUPPORTED, wrong);
	}
	vsp_mpi_open_host(mpi);
	return mpi;
}

void vsp_mpi_free(vsp_mpi *mpi)
{
	if (!mpi)
		return;
	if (mpi->broken || vsp_mpi_settle(mpi)) /* the ranks cannot meet any more */
		vsp_mpi_abort(mpi, 1);
	leave(mpi);
}

void vsp_mpi_abort(vsp_mpi *mpi, int status)
{
	(void)mpi;
	/* What has been printed passes through processes of mpirun's, which the abort ends at once
	   in MPICH, whether they have passed it on or not. */
	struct timespec pause = {0, FORWARDED_NS};
	fflush(NULL);
	nanosleep(&pause, NULL);
	MPI_Abort(MPI_COMM_WORLD, status);
}

uint32_t vsp_mpi_rank(const vsp_mpi *mpi) { return (uint32_t)mpi->rank; }
uint32_t vsp_mpi_size(const vsp_mpi *mpi) { return (uint32_t)mpi->size; }
const vsp_host *vsp_mpi_host(vsp_mpi *mpi) { return &mpi->host; }
const char *vsp_mpi_message(const vsp_mpi *mpi) { return mpi->message; }
