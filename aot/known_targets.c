/*
 * Checks whether LLVM knows a processor or feature. LLVM itself would print a message, and ignore
 * it or abort. The build asks its tools for the names; for machines it did not ask about, and where
 * it had no tools, any name passes.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/error.h"

/* Words with spaces around. */
typedef struct target_names {
	const char *arch, *processors, *features;
} target_names;

static const target_names targets[] = {
#define TARGET(arch, processors, features) {arch, processors, features},
#include "known_targets.inc"
        {NULL, NULL, NULL},
};

static const target_names *find_target(const char *triple)
{
	for (const target_names *t = targets; t->arch; t++) {
		size_t n = strlen(t->arch);
		if (strncmp(triple, t->arch, n) == 0 && (triple[n] == '-' || !triple[n]))
			return t;
	}
	return NULL;
}

static bool has_word(const char *words, const char *word, size_t length)
{
	for (const char *at = words; length && (at = strstr(at, " ")) != NULL; at++)
		if (strncmp(at + 1, word, length) == 0 && at[1 + length] == ' ')
			return true;
	return false;
}

static vsp_status check_features(aot_job *job, const target_names *t)
{
	for (const char *at = job->options.attributes; *at;) {
		size_t n = strcspn(at, ",");
		bool signed_word = *at == '+' || *at == '-';
		if (!signed_word || !has_word(t->features, at + 1, n - 1))
			return vsp_error_set(job->error, VSP_E_ARGUMENT,
			        "'%.*s' is no feature of '%s': '--mattr' takes a list such as +avx2,-fma; 'llc "
			        "-mtriple=%s "
			        "-mattr=help' lists them",
			        (int)n, at, job->triple, t->arch);
		at += n + (at[n] == ',');
	}
	return VSP_OK;
}

const char *aot_known_features(const aot_job *job)
{
	const target_names *t = find_target(job->triple);
	return t ? t->features : "";
}

vsp_status aot_check_machine(aot_job *job)
{
	const target_names *t = find_target(job->triple);
	const char *cpu = job->options.cpu;
	if (!t)
		return VSP_OK;
	if (*cpu && strcmp(cpu, "native") != 0 && !has_word(t->processors, cpu, strlen(cpu)))
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'%s' is no processor of '%s'; 'llc -mtriple=%s -mcpu=help' lists them", cpu, job->triple,
		        t->arch);
	return check_features(job, t);
}
