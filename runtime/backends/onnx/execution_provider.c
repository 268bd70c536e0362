/*
 * Reading the choice of an execution provider, see execution_provider.h.
 */
#include "execution_provider.h"

#include <stdio.h>
#include <string.h>

/* The NPUs' providers and the options that make them use an NPU, in the order in which they are
   tried. */
static const struct {
	const char *name, *options;
} npus[] = {
        {"OpenVINO", "device_type=NPU"},
        {"QNN", "backend_type=htp"},
        {"CoreML", "MLComputeUnits=CPUAndNeuralEngine,ModelFormat=MLProgram"},
        {"VitisAI", ""},
};
enum { NPUS = sizeof npus / sizeof *npus };

static const char suffix[] = "ExecutionProvider";

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool same_name(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!a[i] || lower(a[i]) != lower(b[i]))
			return false;
	return !a[n];
}

/*
 * Calls visit for the short name of each provider of the library until it returns true. False with
 * why filled: the library does not tell them; why is "" otherwise.
 */
static bool each_name(
        const ort_library *ort, bool (*visit)(void *user, const char *name), void *user, char *why, size_t size)
{
	char **names = NULL, ignored[64];
	int count = 0;
	bool found = false;
	*why = 0;
	if (!vsp_ort_good(ort, ort->GetAvailableProviders(&names, &count), "no execution providers", why, size))
		return false;
	for (int i = 0; i < count && !found; i++) {
		char name[64];
		size_t n = strlen(names[i]), tail = sizeof suffix - 1;
		n -= n > tail && strcmp(names[i] + n - tail, suffix) == 0 ? tail : 0;
		snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), names[i]);
		found = visit(user, name);
	}
	vsp_ort_good(ort, ort->ReleaseAvailableProviders(names, count), "", ignored, sizeof ignored);
	return found;
}

typedef struct search {
	const char *text;
	size_t length;
	char *found;
	size_t size;
} search;

static bool is_searched(void *user, const char *name)
{
	const search *s = user;
	if (!same_name(name, s->text, s->length))
		return false;
	snprintf(s->found, s->size, "%s", name);
	return true;
}

static bool add_name(void *user, const char *name)
{
	const search *s = user;
	size_t used = strlen(s->found);
	snprintf(s->found + used, s->size - used, "%s%s", used ? ", " : "", name);
	return false;
}

void vsp_ort_names(const ort_library *ort, char *text, size_t size)
{
	char ignored[64];
	*text = 0;
	each_name(ort, add_name, &(search){.found = text, .size = size}, ignored, sizeof ignored);
}

void vsp_ort_choose_cpu(ort_choice *choice) { memset(choice, 0, sizeof *choice); }

/* Splits the options in choice->text, from at on. */
static bool read_options(ort_choice *choice, char *at, char *why, size_t size)
{
	while (*at) {
		char *end = at + strcspn(at, ","), *next = *end ? end + 1 : end;
		*end = 0;
		char *equals = strchr(at, '=');
		if (strcmp(at, "strict") == 0) {
			choice->strict = true;
		} else if (choice->count == ORT_OPTIONS_MAX) {
			snprintf(why, size, "the execution provider has more than %d options", ORT_OPTIONS_MAX);
			return false;
		} else if (!equals || equals == at) {
			snprintf(why, size,
			        "'%.60s' is no option of an execution provider; it takes KEY=VALUE, or strict", at);
			return false;
		} else {
			*equals = 0;
			choice->keys[choice->count] = at;
			choice->values[choice->count++] = equals + 1;
		}
		at = next;
	}
	return true;
}

static const char *options_of(const char *name)
{
	for (unsigned i = 0; i < NPUS; i++)
		if (same_name(npus[i].name, name, strlen(name)))
			return npus[i].options;
	return "";
}

/* Known options, unless others are given. */
static bool fill(ort_choice *choice, const char *name, const char *options, char *why, size_t size)
{
	bool plain = !*options || strcmp(options, "strict") == 0;
	memset(choice, 0, sizeof *choice);
	if (!same_name("CPU", name, strlen(name)))
		snprintf(choice->name, sizeof choice->name, "%s", name);
	int n = snprintf(choice->text, sizeof choice->text, "%s%s%s", plain ? options_of(name) : "",
	        plain && *options && *options_of(name) ? "," : "", options);
	if (n < 0 || (size_t)n >= sizeof choice->text) {
		snprintf(why, size, "the options of the execution provider are too long");
		return false;
	}
	if (!read_options(choice, choice->text, why, size))
		return false;
	if (!choice->name[0] && choice->count)
		snprintf(why, size, "ONNX Runtime's provider cpu has no option '%.60s'; it takes strict",
		        choice->keys[0]);
	return choice->name[0] || !choice->count;
}

bool vsp_ort_choose(const ort_library *ort, const char *text, ort_choice *choice, char *why, size_t size)
{
	size_t n = strcspn(text, ",");
	char name[64], names[VSP_REASON_SIZE / 2];
	search s = {text, n, name, sizeof name};
	if (each_name(ort, is_searched, &s, why, size))
		return fill(choice, name, text[n] ? text + n + 1 : "", why, size);
	if (*why)
		return false;
	vsp_ort_names(ort, names, sizeof names);
	snprintf(why, size, "this ONNX Runtime has no execution provider '%.*s'; it has %s", (int)(n < 24 ? n : 24),
	        text, names);
	return false;
}

bool vsp_ort_candidate(const ort_library *ort, unsigned index, ort_choice *choice)
{
	char why[64], name[64];
	for (unsigned i = 0; i < NPUS; i++) {
		search s = {npus[i].name, strlen(npus[i].name), name, sizeof name};
		if (each_name(ort, is_searched, &s, why, sizeof why) && index-- == 0)
			return fill(choice, name, "", why, sizeof why);
	}
	return false;
}
