/*
 * The names of files in the folder of a job's temporary files that whoever named the folder
 * (--scratch) may look for.
 */
#ifndef VSP_AOT_SCRATCH_NAMES_H
#define VSP_AOT_SCRATCH_NAMES_H

/* It exists from the time when the runtime for another machine is compiled from its sources. */
#define AOT_RUNTIME_FILE "runtime.bc"

#endif
