/*
 * The parts of libvsp-mpi, which ranks of an MPI job use to exchange states and memory. Compiled
 * for each implementation of MPI, into shared objects that do not depend on libvsp: so memory is
 * the C library's.
 */
#ifndef VSP_RUNTIME_HOST_MPI_H
#define VSP_RUNTIME_HOST_MPI_H

#include <stdbool.h>
#include <vsp/vsp_mpi.h>

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

/*
 * Sends that nobody has received yet: at most so many, of so many bytes together. All are
 * synchronous (MPI_Issend), so that the limit bounds what receivers must store too. Long messages
 * travel in pieces, and collective operations go by parts, so that what MPI and we must store does
 * not grow with what programs ask for.
 */
enum { SEND_LIMIT = 4096, SEND_BYTES = 16 << 20, STATE = 16, PIECE = 1 << 20 };

typedef struct vsp_mpi_send {
	MPI_Request request;
	void *bytes;
	size_t size;
} vsp_mpi_send;

struct vsp_mpi {
	MPI_Comm messages; /* of mpi.send */
	MPI_Comm channels; /* of BROADCAST, whose tags are channels */
	MPI_Comm pairs;    /* of ENTANGLE */
	MPI_Comm all;      /* collective operations, each behind an agreement (collective.c) */
	int rank, size, tag_limit;
	bool initialised; /* MPI, by vsp_mpi_new */
	bool broken;      /* a wait was given up: scratch is in use for ever, and the ranks are out of step */
	vsp_host base, host;
	vsp_mpi_config config;
	unsigned send_count;
	size_t send_bytes;
	int64_t given[6], largest[6]; /* of agreements */
	uint8_t scratch[2 * PIECE];
	vsp_mpi_send sends[SEND_LIMIT];
	char message[256];
};

/* Fails with a message: the result of a callback, which makes the program trap HOST. */
int vsp_mpi_fail(vsp_mpi *mpi, const char *format, ...)
#if defined(__GNUC__)
        __attribute__((format(printf, 2, 3)))
#endif
        ;
/* The same for a status of MPI. */
int vsp_mpi_failed(vsp_mpi *mpi, const char *what, int status);

/* ---- waiting (wait.c): 0, or a negative trap as callbacks return it ---- */

/* Waits for one operation. It stays under way when the wait is given up, and mpi is then broken. */
int vsp_mpi_wait(vsp_mpi *mpi, const char *what, MPI_Request *request, MPI_Status *status);
/* One pause of a wait; turn counts them. */
int vsp_mpi_pause(vsp_mpi *mpi, unsigned turn);

/* ---- all ranks together (collective.c) ---- */

enum vsp_mpi_step { VSP_MPI_SYNC, VSP_MPI_ALLREDUCE, VSP_MPI_GATHER, VSP_MPI_END };
/*
 * Begins to find out whether all ranks take the same step with the same two numbers; the answer is
 * that of vsp_mpi_agreed, after the request has been waited for. False after a message.
 */
bool vsp_mpi_ask(vsp_mpi *mpi, enum vsp_mpi_step step, int64_t a, int64_t b, MPI_Request *request);
int vsp_mpi_agreed(vsp_mpi *mpi);
/* Both, and the wait between them. */
int vsp_mpi_agree(vsp_mpi *mpi, enum vsp_mpi_step step, int64_t a, int64_t b);
/* The element by element sums (0), products, minima or maxima (3) of count doubles, into out. */
int vsp_mpi_allreduce(vsp_mpi *mpi, int operation, const uint8_t *in, uint8_t *out, uint64_t count);
/* size bytes of each rank, one behind the other, into out at the root. */
int vsp_mpi_gather(vsp_mpi *mpi, int root, const uint8_t *in, uint64_t size, uint8_t *out);

/* ---- messages (messages.c) ---- */

/* Sends a copy of at most PIECE bytes. With wait, it waits until there is room for it; else it
   fails. */
int vsp_mpi_post(vsp_mpi *mpi, MPI_Comm comm, int to, int tag, const void *bytes, size_t size, bool wait);
/* Sends a copy of any size, in pieces. */
int vsp_mpi_send_all(vsp_mpi *mpi, int to, int tag, const uint8_t *bytes, uint64_t size);
/* Waits for such a message from a rank, or any, with a tag, or any, of at most room bytes. */
int vsp_mpi_take_all(vsp_mpi *mpi, int from, int tag, uint8_t *bytes, uint64_t room, uint64_t *size);
/* Waits for one piece, of exactly size bytes. */
int vsp_mpi_take(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t size);
/* The same without waiting: *taken says whether there was one. */
int vsp_mpi_take_now(vsp_mpi *mpi, MPI_Comm comm, int from, int tag, void *bytes, size_t size, bool *taken);
/* Frees what has been received. */
void vsp_mpi_progress(vsp_mpi *mpi);
/* Waits until all ranks are at their ends, and drops messages meanwhile. 0, or a negative trap. */
int vsp_mpi_settle(vsp_mpi *mpi);

/* The host's callbacks (host.c), and those of base. */
void vsp_mpi_open_host(vsp_mpi *mpi);

#endif
