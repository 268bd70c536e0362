/* The table of platforms in README.md, see platforms.h. */
#include "tools/gen/platforms.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 4096 };

static const struct {
	const char *name, *presets, *tiers, *tests, *compiled;
} platforms[] = {
#define PLATFORM(name, presets, tiers, tests, compiled) {name, presets, tiers, tests, compiled},
#include "tools/gen/platforms.def"
};
enum { PLATFORMS = sizeof platforms / sizeof *platforms };

static FILE *open_file(const char *root, const char *name)
{
	char path[LINE_BYTES];
	snprintf(path, sizeof path, "%s/%s", root, name);
	return fopen(path, "rb");
}

static void write_table(FILE *out)
{
	fprintf(out, "| platform | presets | tiers | tests | ahead of time |\n|---|---|---|---|---|\n");
	for (int i = 0; i < PLATFORMS; i++)
		fprintf(out, "| %s | %s | %s | %s | %s |\n", platforms[i].name, platforms[i].presets,
		        platforms[i].tiers, platforms[i].tests,
		        *platforms[i].compiled ? platforms[i].compiled : "not tested");
}

void generate_readme(FILE *out, const char *root)
{
	char line[LINE_BYTES];
	bool within = false;
	FILE *in = open_file(root, "README.md");
	while (in && fgets(line, sizeof line, in)) {
		within = within && strcmp(line, "<!-- end of platforms -->\n") != 0;
		if (!within)
			fputs(line, out);
		if (!strcmp(line, "<!-- platforms -->\n")) {
			within = true;
			write_table(out);
		}
	}
	if (in)
		fclose(in);
}

/* Copies the list of presets from the script: the words of presets="...". */
static void read_presets(const char *root, char list[LINE_BYTES])
{
	static const char mark[] = "presets=\"";
	char line[LINE_BYTES];
	FILE *in = open_file(root, "tools/test_all.sh");
	list[0] = 0;
	while (in && fgets(line, sizeof line, in))
		if (!strncmp(line, mark, sizeof mark - 1)) {
			line[strcspn(line, "\n") - 1] = 0;
			snprintf(list, LINE_BYTES, " %s ", line + sizeof mark - 1);
		}
	if (in)
		fclose(in);
}

bool platforms_tested(const char *root)
{
	char list[LINE_BYTES], words[256], wanted[64];
	bool good = true;
	read_presets(root, list);
	for (int i = 0; i < PLATFORMS; i++) {
		snprintf(words, sizeof words, "%s", platforms[i].presets);
		for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
			snprintf(wanted, sizeof wanted, " %.60s ", word);
			if (strstr(list, wanted))
				continue;
			fprintf(stderr, "tools/gen/platforms.def: tools/test_all.sh does not run the preset '%s'\n",
			        word);
			good = false;
		}
	}
	return good;
}
