/*
 * The validator against the specification's tests: each argument is a .json file of wast2json. Of
 * each file it prints how many modules were rightly accepted, and how many invalid and malformed
 * binaries rightly refused, which includes the reason; what went wrong goes to stderr, and makes
 * the exit status 1.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/wasm/wasm.h"
#include "json.h"
#include "spec_files.h"

/* What the specification calls a fault, and how VSP's messages about it begin, behind the function:
   a # stands for a word. */
static const struct reason {
	const char *text, *message;
} reasons[] = {
#define REASON(text, message) {text, message},
#include "reasons.def"
#undef REASON
};

typedef struct tally {
	unsigned valid, invalid, malformed, wrong;
} tally;

static bool is_accepted(const uint8_t *bytes, size_t size, vsp_error *error)
{
	vsp_arena arena = VSP_ARENA_INIT;
	wasm_module m;
	uint8_t *copy = malloc(size + !size); /* of exactly that size, so that sanitizers see reads beyond */
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	vsp_status status = wasm_module_read(&m, copy, size, &arena, error);
	vsp_arena_free(&arena);
	free(copy);
	return status == VSP_OK;
}

/* What a command says about its module: the counter to increment, or null when it says nothing. */
static unsigned *counter_of(const json *command, tally *t, bool *accepted)
{
	const char *type = json_text(command, "type");
	bool binary = strcmp(json_text(command, "module_type"), "text") != 0;
	*accepted = false;
	if (strcmp(type, "assert_invalid") == 0)
		return binary ? &t->invalid : NULL;
	if (strcmp(type, "assert_malformed") == 0)
		return binary ? &t->malformed : NULL;
	*accepted = true;
	return json_get(command, "filename") && binary ? &t->valid : NULL;
}

static bool begins(const char *message, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '#' && !isalnum((unsigned char)*message))
			return false;
		if (*pattern != '#' && *pattern != *message++)
			return false;
		while (*pattern == '#' && isalnum((unsigned char)*message))
			message++;
	}
	return true;
}

/* Is the module refused for the reason that the test names? */
static bool is_reason(const char *text, const char *message)
{
	const char *behind = strncmp(message, "function ", 9) == 0 ? strstr(message, ": ") : NULL;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].text, text) == 0 &&
		        (begins(message, reasons[i].message) || (behind && begins(behind + 2, reasons[i].message))))
			return true;
	return false;
}

static void check(const char *path, const char *folder, const json *command, tally *t)
{
	bool expected;
	unsigned *counter = counter_of(command, t, &expected);
	if (!counter)
		return;
	size_t size;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = spec_read_file(folder, json_text(command, "filename"), &size);
	bool accepted = is_accepted(bytes, size, &error);
	bool placed = accepted || (error.code == VSP_E_FORMAT && error.offset <= size &&
	                                  is_reason(json_text(command, "text"), error.message));
	if (accepted == expected && placed) {
		++*counter;
	} else {
		t->wrong++;
		fprintf(stderr, "%s:%s: %s: %s: offset 0x%" PRIx64 ": %s (%s)\n", path, json_text(command, "line"),
		        json_text(command, "filename"), accepted ? "accepted" : "refused", error.offset, error.message,
		        json_text(command, "text"));
	}
	free(bytes);
}

int main(int argc, char **argv)
{
	unsigned wrong = 0;
	for (int i = 1; i < argc; i++) {
		char folder[4096];
		size_t size;
		tally t = {0};
		char *text = (char *)spec_read_file("", argv[i], &size);
		json *tests = json_read(text);
		spec_folder(argv[i], folder, sizeof folder);
		for (const json *c = tests ? json_get(tests, "commands")->first : NULL; c; c = c->next)
			check(argv[i], folder, c, &t);
		const char *name = argv[i] + strlen(folder);
		printf("%.*s valid %u invalid %u malformed %u\n", (int)strcspn(name, "."), name, t.valid, t.invalid,
		        t.malformed);
		wrong += t.wrong;
		json_free(tests);
		free(text);
	}
	return wrong != 0;
}
