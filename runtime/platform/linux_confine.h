/*
 * The parts of vsp_plat_confine on Linux. Each returns null, or the reason why it has failed:
 * kernels may be old, and containers forbid things.
 */
#ifndef VSP_RUNTIME_PLATFORM_LINUX_CONFINE_H
#define VSP_RUNTIME_PLATFORM_LINUX_CONFINE_H

#include <stdint.h>

#include "platform.h"

/* The rules for the calls of confine_calls.def. */
typedef enum vsp_confine_rule {
	VSP_CONFINE_ALLOWED,
	VSP_CONFINE_FATAL,
	VSP_CONFINE_MISSING,
	VSP_CONFINE_PAGES, /* fatal for writable and executable pages, and for executable ones where no code is made */
	VSP_CONFINE_THREADS,     /* fatal unless it makes a thread */
	VSP_CONFINE_SIGNALS,     /* fatal for SIGSYS */
	VSP_CONFINE_ITSELF,      /* fatal unless the signal is for the process itself */
	VSP_CONFINE_LIMITS_READ, /* EPERM for setting limits */
	VSP_CONFINE_NAMES,       /* EINVAL for all but naming */
	/*
	 * EINVAL for locks, leases and signals, and for other flags of streams: appending must not
	 * become overwriting. Where files of granted folders get other flags, standard streams can
	 * get no second number.
	 */
	VSP_CONFINE_DESCRIPTORS,
	VSP_CONFINE_ADVICE,    /* EINVAL for all but what the heap and linear memories use */
	VSP_CONFINE_REFUSED,   /* EPERM */
	VSP_CONFINE_TIMES,     /* EPERM for files by name, unless a granted folder may be written to */
	VSP_CONFINE_TERMINALS, /* ENOTTY for all but asking whether it is a terminal, and its size */
	/*
	 * EACCES where nothing may be opened; for writing, where no folder may be written to; for
	 * truncating a file that is only read.
	 */
	VSP_CONFINE_OPENED,
	VSP_CONFINE_OPENED_OLD, /* the same for open, whose arguments are one place further left */
	VSP_CONFINE_CHANGED,    /* EACCES where no folder may be written to */
	/* These depend on folders that were granted to the program: */
	VSP_CONFINE_LINKS,  /* fatal unless one may be written to */
	VSP_CONFINE_OWN,    /* EPERM unless one may be written to, and always for the standard streams */
	VSP_CONFINE_GRANTS, /* ENOSYS unless there is one */
	VSP_CONFINE_RULES
} vsp_confine_rule;

typedef struct vsp_confine_call {
	uint16_t number;
	uint8_t rule;
} vsp_confine_call;

/*
 * Starts a process that will write the output, if that needs a name in a folder or truncates a
 * file, neither of which a confined process can do. Returns 0 or an errno.
 */
int vsp_linux_output_delegate(vsp_plat_output *output);
/*
 * Creates the folder, for this user alone, and starts a process that removes it with its files when
 * this one has ended. Returns 0 or an errno.
 */
int vsp_linux_scratch(const char *path);
/* From now on no thread of the process can make calls that the table does not allow. */
const char *vsp_linux_filter_calls(const vsp_plat_confinement *c);
/* From now on this thread, and the threads that it will start, can access only the named files. */
const char *vsp_linux_limit_files(const vsp_plat_confinement *c);

#endif
