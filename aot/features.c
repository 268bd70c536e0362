/*
 * The processor features that a program needs beyond those of every machine of the target. --mcpu
 * and --mattr imply them, the descriptor lists them, and the program checks for them at its start,
 * so that it never executes an instruction that the processor does not know. Features that a
 * program could not check are refused.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/Transforms/PassBuilder.h>

#include "runtime/base/error.h"

enum { NAME = 48 };

/* ---- tables ---- */

enum word_kind { CHECKED, NOT_CHECKED, NOT_POSSIBLE };

/* One row of runtime/platform/features_*.def: the name of a feature, a pattern with a star at one
   of its ends, or a word of --mattr. */
typedef struct feature_word {
	enum word_kind kind;
	const char *text;
} feature_word;

#define FEATURE(name, ...) {CHECKED, name},
#define UNCHECKED(pattern) {NOT_CHECKED, pattern},
#define IMPOSSIBLE(word) {NOT_POSSIBLE, word},
static const feature_word words_x86[] = {
#include "runtime/platform/features_x86.def"
};
static const feature_word words_aarch64[] = {
#include "runtime/platform/features_aarch64.def"
};
static const feature_word words_riscv[] = {
#include "runtime/platform/features_riscv.def"
};
#undef FEATURE
#undef UNCHECKED
#undef IMPOSSIBLE

#define WORDS(list) list, sizeof list / sizeof list[0]
static const struct feature_table {
	unsigned when;
	const feature_word *words;
	size_t count;
} tables[] = {
        {AOT_X86, WORDS(words_x86)},
        {AOT_LINUX_AARCH64 | AOT_APPLE_AARCH64, WORDS(words_aarch64)},
        {AOT_LINUX_RISCV, WORDS(words_riscv)},
};
#undef WORDS

/* Null: programs for the target cannot find out the features of their processor. */
static const struct feature_table *find_table(const aot_job *job)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (job->known.holds & tables[i].when)
			return &tables[i];
	return NULL;
}

static bool fits(const char *pattern, const char *word, size_t length)
{
	size_t n = strlen(pattern);
	if (pattern[n - 1] == '*')
		return length >= n - 1 && memcmp(pattern, word, n - 1) == 0;
	if (*pattern == '*')
		return length >= n - 1 && memcmp(pattern + 1, word + length - (n - 1), n - 1) == 0;
	return n == length && memcmp(pattern, word, n) == 0;
}

static bool is_listed(const struct feature_table *t, enum word_kind kind, const char *word, size_t length)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->words[i].kind == kind && fits(t->words[i].text, word, length))
			return true;
	return false;
}

/* ---- features of machines ---- */

static void add_features_attribute(LLVMContextRef c, LLVMValueRef fn, const char *value)
{
	static const char key[] = "target-features";
	LLVMAttributeRef attribute =
	        LLVMCreateStringAttribute(c, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static LLVMValueRef add_probe(LLVMModuleRef module, const char *name, LLVMTypeRef type)
{
	LLVMValueRef fn = LLVMAddFunction(module, name, type);
	LLVMAppendBasicBlockInContext(LLVMGetModuleContext(module), fn, "");
	return fn;
}

/*
 * LLVM's C interface does not say which features a machine has, but its inliner knows: a function
 * that needs a feature is inlined only where the caller has it. So for each feature a function that
 * has it in addition to the machine's features is called from one that has the machine's features
 * alone.
 */
static LLVMModuleRef make_probes(aot_job *job, const char *own, const char *const *names, unsigned count)
{
	LLVMContextRef c = job->context;
	LLVMModuleRef module = LLVMModuleCreateWithNameInContext("probe", c);
	LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(c), NULL, 0, false);
	LLVMBuilderRef b = LLVMCreateBuilderInContext(c);
	LLVMSetTarget(module, job->triple);
	LLVMSetModuleDataLayout(module, job->layout);
	LLVMValueRef caller = add_probe(module, "caller", type);
	for (unsigned i = 0; i < count; i++) {
		LLVMValueRef callee = add_probe(module, names[i], type);
		const char *features = aot_format(job, "%s%s+%s", own, *own ? "," : "", names[i]);
		add_features_attribute(c, callee, features ? features : "");
		LLVMPositionBuilderAtEnd(b, LLVMGetEntryBasicBlock(callee));
		LLVMBuildRetVoid(b);
		LLVMPositionBuilderAtEnd(b, LLVMGetEntryBasicBlock(caller));
		LLVMBuildCall2(b, type, callee, NULL, 0, "");
	}
	LLVMPositionBuilderAtEnd(b, LLVMGetEntryBasicBlock(caller));
	LLVMBuildRetVoid(b);
	LLVMDisposeBuilder(b);
	return module;
}

static bool is_called(LLVMModuleRef module, const char *name)
{
	LLVMValueRef fn = LLVMGetNamedFunction(module, name);
	return fn && LLVMGetFirstUse(fn) != NULL;
}

/* has[i]: the machine has feature i. */
static void find_features(
        aot_job *job, LLVMTargetMachineRef machine, const char *const *names, unsigned count, bool *has)
{
	char *own = LLVMGetTargetMachineFeatureString(machine);
	LLVMModuleRef module = make_probes(job, own, names, count);
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(module, "cgscc(inline)", machine, options);
	for (unsigned i = 0; i < count; i++)
		has[i] = !error && !is_called(module, names[i]);
	LLVMConsumeError(error);
	LLVMDisposePassBuilderOptions(options);
	LLVMDisposeModule(module);
	LLVMDisposeMessage(own);
}

/* ---- refused features ---- */

/* Does --mattr have a word that begins so? */
static bool asks_for(const aot_job *job, const char *begin)
{
	size_t n = strlen(begin);
	for (const char *at = job->options.attributes; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, begin, n) == 0)
			return true;
	return false;
}

static vsp_status refuse_impossible(aot_job *job, const char *word, size_t length)
{
	return vsp_error_set(job->error, VSP_E_ARGUMENT,
	        "'%.*s' in '--mattr': compiled programs for '%s' cannot do with that", (int)length, word, job->triple);
}

vsp_status aot_check_possible(aot_job *job)
{
	const struct feature_table *t = find_table(job);
	size_t n;
	for (const char *at = job->options.attributes; t && *at; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		if (is_listed(t, NOT_POSSIBLE, at, n))
			return refuse_impossible(job, at, n);
	}
	/* LLVM ends the process where a length of vectors is asked for without vectors. */
	if (asks_for(job, "+zvl") && !*job->options.cpu && !asks_for(job, "+v") && !asks_for(job, "+zve"))
		return vsp_error_set(job->error, VSP_E_ARGUMENT, "'+zvl' in '--mattr' needs '+v' or one of '+zve'");
	return VSP_OK;
}

/* Adds a feature that cannot be checked to the list of such features, in the form of --mattr. */
static void note_unknown(aot_job *job, const char **list, const char *word, size_t length)
{
	const char *longer = aot_format(job, "%s%s-%.*s", *list, **list ? "," : "", (int)length, word);
	*list = longer ? longer : *list;
}

/* Features named by --mattr that neither a table nor LLVM's own list has. */
static void note_asked(aot_job *job, const struct feature_table *t, const char **list)
{
	for (const char *at = job->options.attributes; *at;) {
		size_t n = strcspn(at, ",");
		if (*at == '+' && !is_listed(t, CHECKED, at + 1, n - 1) && !is_listed(t, NOT_CHECKED, at + 1, n - 1) &&
		        !*aot_known_features(job))
			note_unknown(job, list, at + 1, n - 1);
		at += n + (at[n] == ',');
	}
}

static vsp_status refuse(aot_job *job, const char *list)
{
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
	        "a program for '%s' cannot find out at its start whether its processor has all that '--mcpu' and "
	        "'--mattr' ask for; '--mattr=%s%s%s' does without, and .ll, .bc and .s can have it",
	        job->triple, job->options.attributes, *job->options.attributes ? "," : "", list);
}

/* ---- the list ---- */

/* Can a machine have the feature, and does it matter? */
static bool is_probed(const struct feature_table *t, const char *word, size_t length)
{
	char asked[NAME + 1];
	snprintf(asked, sizeof asked, "+%.*s", (int)length, word);
	return !is_listed(t, CHECKED, word, length) && !is_listed(t, NOT_CHECKED, word, length) &&
	       !is_listed(t, NOT_POSSIBLE, asked, length + 1);
}

/* Names of features that change instructions, as far as they are known, in the job's arena; null:
   out of memory. */
static const char **list_names(aot_job *job, const struct feature_table *t, unsigned *count)
{
	const char *words = aot_known_features(job);
	size_t room = t->count + 1;
	for (const char *at = words; *at; at++)
		room += *at == ' ';
	const char **names = vsp_arena_array(&job->arena, room, sizeof *names);
	*count = 0;
	if (!names)
		return NULL;
	for (size_t i = 0; i < t->count; i++)
		if (t->words[i].kind == CHECKED)
			names[(*count)++] = t->words[i].text;
	for (size_t n; *words; words += n) {
		words += *words == ' ';
		n = strcspn(words, " ");
		if (n && n < NAME && is_probed(t, words, n))
			names[(*count)++] = aot_format(job, "%.*s", (int)n, words);
	}
	return names;
}

static void add_feature(aot_job *job, const char *name)
{
	const char *longer = aot_format(job, "%s%s%s", job->features, *job->features ? "," : "", name);
	job->features = longer ? longer : job->features;
}

/* Fills job->features with the features of the machine beyond those of the plain one. */
static vsp_status compare(aot_job *job, const struct feature_table *t, LLVMTargetMachineRef plain)
{
	unsigned count;
	const char **names = list_names(job, t, &count);
	bool *has = vsp_arena_array(&job->arena, 2 * (size_t)count + 1, sizeof *has);
	if (!names || !has || job->error->code != VSP_OK)
		return aot_fail_memory(job);
	find_features(job, job->machine, names, count, has);
	find_features(job, plain, names, count, has + count);
	const char *unknown = "";
	note_asked(job, t, &unknown);
	for (unsigned i = 0; i < count; i++)
		if (has[i] && !has[count + i] && !is_listed(t, CHECKED, names[i], strlen(names[i])))
			note_unknown(job, &unknown, names[i], strlen(names[i]));
		else if (has[i] && !has[count + i])
			add_feature(job, names[i]);
	if (job->error->code == VSP_OK && *unknown && job->options.runtime)
		refuse(job, unknown);
	return job->error->code;
}

vsp_status aot_find_features(aot_job *job, LLVMTargetMachineRef plain)
{
	const struct feature_table *t = find_table(job);
	if (job->known.wasm) /* engines check the whole module before it runs */
		return VSP_OK;
	if (!t && job->options.runtime)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "a program for '%s' cannot find out at its start which processor it has, so '--mcpu' and "
		        "'--mattr' are for .ll, .bc and .s there",
		        job->triple);
	if (!t)
		return VSP_OK;
	return compare(job, t, plain);
}
