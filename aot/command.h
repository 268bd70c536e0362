/*
 * Programs that the compiler runs: C compilers, which compile the runtime of other targets and
 * link.
 */
#ifndef VSP_AOT_COMMAND_H
#define VSP_AOT_COMMAND_H

#include "job.h"
#include "runtime/platform/platform.h"

enum { AOT_WORDS = 40, AOT_OUTPUT = 8192 };

typedef struct aot_command {
	const char *words[AOT_WORDS]; /* the program's name first; not owned */
	unsigned count;
	int status;              /* after DONE: the exit status */
	char output[AOT_OUTPUT]; /* its output, cut to fit */
} aot_command;

/* Adds a word; null (the arena's memory ran out, which is in the job's error) adds nothing. */
void aot_add_word(aot_command *c, const char *word);
/* Tries the names, up to a null, as the program until one can be started, and waits for its end.
   Starts nothing once the job has an error, for words may be missing: the result is FAILED. */
vsp_plat_run_result aot_run_command(const aot_job *job, aot_command *c, const char *const *names);
/* The command as one would type it, in the arena. */
const char *aot_command_text(aot_job *job, const aot_command *c);
/* An environment variable; null when it is not set or empty. */
const char *aot_variable(const char *name);

#endif
