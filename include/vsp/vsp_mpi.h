/*
 * vsp_mpi.h - VSP programs on many machines: ranks of an MPI job that exchange states and memory.
 *
 * The functions here are in libvsp-mpi-openmpi and libvsp-mpi-mpich, for the two implementations of
 * MPI, whose binary interfaces differ; link the one whose mpicc compiles the host. docs/mpi.md
 * describes what programs can do.
 *
 *     vsp_mpi_config config = VSP_MPI_CONFIG_INIT;
 *     vsp_mpi *mpi = vsp_mpi_new(&config, &error);
 *     vsp_set_host(instance, vsp_mpi_host(mpi));
 *     vsp_mpi_define(mpi, instance, &error);
 *     if (vsp_run(instance, &error) == VSP_TRAPPED)
 *             vsp_mpi_abort(mpi, 1);
 *     vsp_mpi_free(mpi);
 */
#ifndef VSP_MPI_H
#define VSP_MPI_H

#include "vsp.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vsp_mpi vsp_mpi;

/* Start from VSP_MPI_CONFIG_INIT. */
typedef struct vsp_mpi_config {
	uint32_t size;
	uint32_t reserved;
	const vsp_host *base; /* serves what is not MPI's (copied): printing, ports; null: nothing does */
	/* Called with stop_user about every millisecond while a rank waits for others; not 0 ends
	   the wait, and an instruction traps INTERRUPTED, an import HOST, unless the host has also
	   called vsp_interrupt. Null: nothing ends a wait. */
	int (*stopped)(void *stop_user);
	void *stop_user;
} vsp_mpi_config;
#define VSP_MPI_CONFIG_INIT {sizeof(vsp_mpi_config), 0, NULL, NULL, NULL}

/*
 * Joins the job, initialising MPI unless the host has; one thread uses the result. Outside of a job
 * there is one rank. Null on failure: VSP_E_ARGUMENT, VSP_E_MEMORY, VSP_E_UNSUPPORTED (MPI fails,
 * or has been finalised).
 */
VSP_API vsp_mpi *vsp_mpi_new(const vsp_mpi_config *config, vsp_error *error);
/*
 * Waits until all ranks have come here, drops messages that nobody has received, and finalises MPI
 * if vsp_mpi_new initialised it. Null is allowed. Instances that use it must not run any more.
 * After a wait that was given up, here too, the ranks cannot meet any more: it then ends the job,
 * with 1.
 */
VSP_API void vsp_mpi_free(vsp_mpi *mpi);
/* Writes what is buffered, and ends all processes of the job, with this exit status. */
VSP_API void vsp_mpi_abort(vsp_mpi *mpi, int status);
VSP_API uint32_t vsp_mpi_rank(const vsp_mpi *mpi);
VSP_API uint32_t vsp_mpi_size(const vsp_mpi *mpi);
/* The callbacks: BROADCAST, RECEIVE, SYNC and ENTANGLE between ranks, and those of the base. As
   long as mpi. */
VSP_API const vsp_host *vsp_mpi_host(vsp_mpi *mpi);
/* Why MPI last made a program trap HOST, or "": one sentence, valid until the next call. */
VSP_API const char *vsp_mpi_message(const vsp_mpi *mpi);

/* An import that programs may use; its user pointer is the vsp_mpi. */
typedef struct vsp_mpi_import {
	const char *name; /* "mpi.rank" */
	uint32_t params, results;
	vsp_import_fn fn;
} vsp_mpi_import;
/* The imports, *count of them. */
VSP_API const vsp_mpi_import *vsp_mpi_imports(size_t *count);

/* Defines all of them for an instance. */
static inline vsp_status vsp_mpi_define(vsp_mpi *mpi, vsp_instance *instance, vsp_error *error)
{
	size_t count;
	const vsp_mpi_import *import = vsp_mpi_imports(&count);
	vsp_status status = VSP_OK;
	for (size_t i = 0; i < count && status == VSP_OK; i++)
		status = vsp_define_import(
		        instance, import[i].name, import[i].params, import[i].results, import[i].fn, mpi, error);
	return status;
}

#ifdef __cplusplus
}
#endif
#endif
