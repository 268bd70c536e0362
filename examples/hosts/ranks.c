/*
 * A host of its own whose programs exchange memory and states between the ranks of an MPI job.
 *
 *     mpicc ranks.c $(pkg-config --cflags --libs vsp) -lvsp-mpi-openmpi -o ranks
 *     mpirun -n 4 ./ranks ../mpi/descent.sil
 */
#include <stdio.h>
#include <vsp/vsp_mpi.h>

static int fail(const char *what, const vsp_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->message);
	return 1;
}

int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	if (argc != 2) {
		fputs("usage: ranks PROGRAM\n", stderr);
		return 1;
	}
	config.capabilities = VSP_CAP_STDIO;
	vsp_module *module = vsp_module_load_file(argv[1], NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	vsp_mpi *mpi = instance ? vsp_mpi_new(NULL, &error) : NULL;
	if (!mpi)
		return fail(argv[1], &error);
	/* The imports alone: printing goes to vsp_output, as without MPI. Channels, SYNC and
	   ENTANGLE would need vsp_set_host(instance, vsp_mpi_host(mpi)) over a base that prints. */
	vsp_status status = vsp_mpi_define(mpi, instance, &error);
	if (status == VSP_OK)
		status = vsp_run(instance, &error);
	fputs(vsp_output(instance, NULL), stdout);
	fflush(stdout);
	if (status == VSP_TRAPPED || status >= VSP_E_ARGUMENT) {
		fprintf(stderr, "rank %u: %s %s\n", (unsigned)vsp_mpi_rank(mpi), error.message, vsp_mpi_message(mpi));
		vsp_mpi_abort(mpi, 1); /* which ends all ranks */
	}
	vsp_free(instance);
	vsp_module_free(module);
	vsp_mpi_free(mpi);
	return 0;
}
