/*
 * Help, made from the option table. The short form fits a screen of 80 columns and 24 lines.
 */
#include "vspc.h"

#include <string.h>

static const char *const titles[] = {
#define GROUP(ID, title) title,
        VSPC_GROUPS(GROUP)
#undef GROUP
};

static const char usage[] = "usage: vspc [--run] FILE [OPTIONS] [-- ARGS]      run a .sil, .silc or .wasm\n"
                            "       vspc --run FILE --invoke NAME [ARGS]      call an exported function\n"
                            "       vspc --asm FILE -o OUT.silc               assemble\n"
                            "       vspc --dis FILE | --verify FILE           disassemble; check\n";

/* "--input=FILE" into text, which holds it. */
static void spell(const vspc_option *option, char *text, size_t size)
{
	static const char *const joints[] = {
	        [VSPC_NONE] = "", [VSPC_VALUE] = "=", [VSPC_MAYBE] = "[=", [VSPC_JOINED] = "", [VSPC_REST] = " "};
	bool joined = option->argument != VSPC_JOINED || strcmp(option->spelling, "-O") == 0;
	const char *gap = joined ? joints[option->argument] : " ";
	snprintf(text, size, "%s%s%s%s", option->spelling, gap, option->placeholder,
	        option->argument == VSPC_MAYBE ? "]" : "");
}

/* One group as a wrapped list after its title. */
static void print_group(FILE *to, unsigned group)
{
	enum { INDENT = 15, WIDTH = 79 };
	int column = fprintf(to, "%s:", titles[group]);
	for (int i = 0; i < VSPC_OPTIONS; i++) {
		const vspc_option *option = &vspc_option_table[i];
		char text[64];
		if (option->group != group)
			continue;
		spell(option, text, sizeof text);
		if (column + 1 + (int)strlen(text) > WIDTH) {
			fprintf(to, "\n");
			column = 0;
		}
		int gap = column < INDENT ? INDENT - column : 1;
		column += fprintf(to, "%*s%s", gap, "", text);
	}
	fprintf(to, "\n");
}

static void print_meanings(FILE *to, unsigned group)
{
	fprintf(to, "\n%s:\n", titles[group]);
	for (int i = 0; i < VSPC_OPTIONS; i++) {
		const vspc_option *option = &vspc_option_table[i];
		char text[64];
		if (option->group != group)
			continue;
		spell(option, text, sizeof text);
		fprintf(to, "  %-26s %s%s\n", text, option->meaning,
		        option->component == VSPC_COMPILER ? " [compiler library]" : "");
	}
}

void vspc_print_help(FILE *to, bool all)
{
	fputs(usage, to);
	for (unsigned group = 0; group < VSPC_GROUP_COUNT; group++) {
		if (all)
			print_meanings(to, group);
		else
			print_group(to, group);
	}
	fputs(all ? "\nSizes take K, M or G; FILE - is stdin. Exit status: the program's, 1 trapped, 2 wrong input.\n"
	          : "'vspc --help=all' and vspc(1) say what each option means.\n",
	        to);
}
