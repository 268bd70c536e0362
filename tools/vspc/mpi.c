/*
 * --mpi: the program's channels and imports reach the other ranks of an MPI job, through a shared
 * object that is opened for that alone.
 */
#include "vspc.h"

#include <stdlib.h>
#include <string.h>

#include <vsp/vsp_mpi.h>

#include "runtime/platform/library_names.h"

/* The functions of the library, by their names. */
#define FUNCTIONS(X) \
	X(vsp_mpi_new) X(vsp_mpi_free) X(vsp_mpi_abort) X(vsp_mpi_host) X(vsp_mpi_message) X(vsp_mpi_imports)

static struct {
#define FUNCTION(name) __typeof__(name) *name;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	bool open;
} api;

/* The implementations: a variable that its mpirun sets for each rank, and what brings the
   library. */
static const struct implementation {
	const char *name, *variable, *packages;
} implementations[] = {
        {"openmpi", "OMPI_COMM_WORLD_SIZE", "openmpi-bin libopenmpi-dev"},
        {"mpich", "PMI_SIZE", "mpich libmpich-dev"},
};
enum { IMPLEMENTATIONS = sizeof implementations / sizeof *implementations };

bool vspc_mpi_is_known(const char *name)
{
	for (unsigned i = 0; i < IMPLEMENTATIONS; i++)
		if (strcmp(implementations[i].name, name) == 0)
			return true;
	return false;
}

/* Opens the library of one implementation. */
static bool open_library(const struct implementation *of)
{
	char name[64];
	snprintf(name, sizeof name, VSP_MPI_LIBRARY, of->name);
	void *library = vsp_plat_dlopen(name);
	bool all = library != NULL;
/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
#define FUNCTION(name) \
	if (all) \
		all = (api.name = (__typeof__(api.name))(uintptr_t)vsp_plat_dlsym(library, #name)) != NULL;
	FUNCTIONS(FUNCTION)
#undef FUNCTION
	return all;
}

/* The implementation that was asked for, or that has started this process; null: either. */
static const struct implementation *choose(const char *wanted)
{
	for (unsigned i = 0; i < IMPLEMENTATIONS; i++)
		if (*wanted ? strcmp(wanted, implementations[i].name) == 0
		            : getenv(implementations[i].variable) != NULL)
			return &implementations[i];
	return NULL;
}

/* Has the mpirun of another implementation started this process? It would then be a job of one
   rank. */
static int check_started(const struct implementation *one)
{
	for (unsigned i = 0; i < IMPLEMENTATIONS && one && !getenv(one->variable); i++)
		if (getenv(implementations[i].variable))
			return vspc_error(
			        "'--mpi=%s': this process was started by the mpirun of %s; mpirun.%s is the other's",
			        one->name, implementations[i].name, one->name);
	return 0;
}

static int load(const char *wanted)
{
	const struct implementation *one = choose(wanted);
	if (check_started(one))
		return VSPC_WRONG;
	for (unsigned i = 0; i < IMPLEMENTATIONS && !api.open; i++)
		if (!one || one == &implementations[i])
			api.open = open_library(&implementations[i]);
	if (api.open)
		return 0;
	if (!vsp_plat_opens_libraries())
		return vspc_error("'--mpi': the library for MPI" VSP_LIBRARIES_NEVER);
	return vspc_error(
	        "'--mpi': the library for %s cannot be opened; VSP has it when it is built where %s is installed "
	        "(Debian: %s), and it needs that to run",
	        one ? one->name : "MPI", one ? one->name : "an MPI", (one ? one : implementations)->packages);
}

int vspc_mpi_load(const vspc_options *options) { return options->mpi ? load(options->mpi) : 0; }

/* The import of that name, or null. */
static const vsp_mpi_import *find(const char *name)
{
	size_t count = 0;
	const vsp_mpi_import *imports = api.open ? api.vsp_mpi_imports(&count) : NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(imports[i].name, name) == 0)
			return &imports[i];
	return NULL;
}

bool vspc_mpi_has(const char *name, uint32_t params, uint32_t results)
{
	const vsp_mpi_import *import = find(name);
	return import && import->params == params && import->results == results;
}

static int is_stopped(void *user) { return atomic_load((const atomic_bool *)user); }

int vspc_mpi_open(vspc_mpi *m, vsp_stdio_host *host, vsp_instance *instance, atomic_bool *stop)
{
	if (!api.open)
		return 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_mpi_config config = VSP_MPI_CONFIG_INIT;
	config.base = &host->table;
	config.stopped = is_stopped;
	config.stop_user = stop;
	m->mpi = api.vsp_mpi_new(&config, &error);
	if (!m->mpi)
		return vspc_error("'--mpi': %s", error.message);
	size_t count;
	const vsp_mpi_import *imports = api.vsp_mpi_imports(&count);
	for (size_t i = 0; i < count; i++)
		if (vsp_define_import(instance, imports[i].name, imports[i].params, imports[i].results, imports[i].fn,
		            m->mpi, &error) != VSP_OK)
			return vspc_error("'--mpi': %s", error.message);
	return vsp_set_host(instance, api.vsp_mpi_host(m->mpi)) == VSP_OK ? 0 : vspc_error("out of memory");
}

void vspc_mpi_explain(const vspc_mpi *m)
{
	if (m->mpi && *api.vsp_mpi_message(m->mpi))
		vspc_error("%s", api.vsp_mpi_message(m->mpi));
}

/* What the import NAME, which has no arguments and one result, gives. */
static int64_t ask(const vspc_mpi *m, const char *name)
{
	vsp_caller caller = {0};
	int64_t result = 0;
	find(name)->fn(m->mpi, &caller, NULL, &result);
	return result;
}

void vspc_mpi_close(vspc_mpi *m, bool good, int status)
{
	if (!m->mpi)
		return;
	if (!good) { /* mpirun mixes the messages of ranks, and only some implementations name who ended */
		long long rank = (long long)ask(m, "mpi.rank"), size = (long long)ask(m, "mpi.size");
		fprintf(stderr, "vspc: rank %lld ends all %lld ranks\n", rank, size);
		api.vsp_mpi_abort(m->mpi, status);
	}
	api.vsp_mpi_free(m->mpi);
	m->mpi = NULL;
}
