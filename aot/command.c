/*
 * Command lines of the programs that the compiler runs, put together word by word, see command.h.
 */
#include "command.h"

#include <stdlib.h>

void aot_add_word(aot_command *c, const char *word)
{
	if (word && c->count + 1 < AOT_WORDS)
		c->words[c->count++] = word;
}

vsp_plat_run_result aot_run_command(const aot_job *job, aot_command *c, const char *const *names)
{
	vsp_plat_run_result result = job->error->code == VSP_OK ? VSP_PLAT_RUN_MISSING : VSP_PLAT_RUN_FAILED;
	for (; *names && result == VSP_PLAT_RUN_MISSING; names++) {
		c->words[0] = *names;
		result = vsp_plat_run(c->words, c->output, AOT_OUTPUT, &c->status);
	}
	return result;
}

const char *aot_command_text(aot_job *job, const aot_command *c)
{
	const char *text = "";
	for (unsigned i = 0; i < c->count && text; i++)
		text = aot_format(job, "%s%s%s", text, i ? " " : "", c->words[i]);
	return text ? text : "";
}

const char *aot_variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}
