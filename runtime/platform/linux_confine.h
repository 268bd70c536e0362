/*
 * The parts of vsp_plat_confine on Linux. Each returns null, or why it could not be: kernels are old, and containers forbid things.
 */
#ifndef VSP_RUNTIME_PLATFORM_LINUX_CONFINE_H
#define VSP_RUNTIME_PLATFORM_LINUX_CONFINE_H

#include <stdint.h>

#include "platform.h"

/* What each call of confine_calls.def may do. */
typedef enum vsp_confine_rule {
	VSP_CONFINE_ALLOWED,
	VSP_CONFINE_FATAL,
	VSP_CONFINE_MISSING,
	VSP_CONFINE_PAGES,   /* pages that can be written and executed: fatal; executed: where code comes into being */
	VSP_CONFINE_THREADS, /* threads alone: else fatal */
	VSP_CONFINE_SIGNALS, /* fatal for SIGSYS */
	VSP_CONFINE_ITSELF,  /* the process's own signals: else fatal */
	VSP_CONFINE_LIMITS_READ, /* EPERM for new limits */
	VSP_CONFINE_NAMES,       /* EINVAL for all but names */
	VSP_CONFINE_DESCRIPTORS, /* EINVAL for locks, leases and signals */
	VSP_CONFINE_ADVICE,      /* EINVAL for all but what the heap and linear memories give */
	VSP_CONFINE_REFUSED,     /* EPERM */
	VSP_CONFINE_TIMES,       /* EPERM for files by name */
	VSP_CONFINE_TERMINALS,   /* ENOTTY for all but the questions whether it is a terminal, and how large */
	VSP_CONFINE_OPENED, /* EACCES where nothing may be opened; for writing, where no folder may be written to; for emptying what is only read */
	VSP_CONFINE_OPENED_OLD, /* the same of open, whose arguments are one place further left */
	VSP_CONFINE_CHANGED,    /* EACCES where no folder may be written to */
	VSP_CONFINE_RULES
} vsp_confine_rule;

typedef struct vsp_confine_call {
	uint16_t number;
	uint8_t rule;
} vsp_confine_call;

/*
 * Starts a process that will write the output, if that takes a name in a folder or emptying a file, neither of which a confined process can do. 0 or an errno.
 */
int vsp_linux_output_delegate(vsp_plat_output *output);
/* Makes the folder, for this user alone, and starts a process that removes it, with the files in it, when this one has ended. 0 or an errno. */
int vsp_linux_scratch(const char *path);
/* From now on no thread of the process makes calls that the table does not allow. */
const char *vsp_linux_filter_calls(const vsp_plat_confinement *c);
/* From now on this thread, and those that it will start, reach only the files that are named. */
const char *vsp_linux_limit_files(const vsp_plat_confinement *c);

#endif
