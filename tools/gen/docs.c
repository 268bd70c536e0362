/*
 * Generates the reference pages and editor grammars from the tables that the program itself is
 * built from, so that they always agree.
 *
 *     gen_docs ROOT           writes docs/isa.md and docs/cli.md (after their introductions),
 *     docs/syscalls.md, docs/wasi.md, docs/sources.md and the grammars of editors.c
 *     gen_docs --check ROOT   compares them with what it would write; status 1 and a message when
 *     one is out of date
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/opcode.h"
#include "runtime/trap.h"
#include "tools/gen/editors.h"
#include "tools/gen/platforms.h"
#include "tools/gen/sources.h"

enum { PATH_MAX_BYTES = 4096 };

/* Writes one page; root is the top folder of the sources. */
typedef void (*generator)(FILE *out, const char *root);

/* ---- tables that exist only as .def ---- */

typedef struct syscall_row {
	const char *name;
	unsigned id, reads, writes, flags;
	const char *capability, *meaning;
} syscall_row;
static const syscall_row syscalls[] = {
#define SYSCALL(NAME, id, reads, writes, flags, capability, text) {#NAME, id, reads, writes, flags, #capability, text},
#include "runtime/syscalls.def"
};

/* Options of vspc. COMPILER: only with the compiler library. */
typedef struct option_row {
	const char *spelling, *argument, *placeholder, *component, *meaning;
} option_row;
static const option_row options[] = {
#define OPTION(ID, spelling, argument, placeholder, group, use, component, text) \
	{spelling, #argument, placeholder, #component, text},
#include "tools/vspc/options.def"
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- docs/isa.md ---- */

/* Headings, by the first opcode they are about. */
static const struct {
	unsigned first;
	const char *title;
} chapters[] = {
        {0x00, "Control"},
        {0x20, "Data"},
        {0x40, "ByteSil arithmetic"},
        {0x4C, "Integer and float arithmetic"},
        {0x60, "Layers"},
        {0x69, "More integer and float arithmetic"},
        {0x70, "Conversions"},
        {0x80, "Transforms and batch instructions"},
        {0x92, "Float functions"},
        {0xA0, "Compatibility modes"},
        {0xA8, "Immediate forms"},
        {0xC0, "System"},
        {0xC8, "Further integer and float instructions"},
        {0xE0, "Hints and batches"},
        {0xFF, "SYSCALL"},
};

static const char *const format_text[VSP_FORMATS] = {
        [VSP_FMT_A] = "A",
        [VSP_FMT_B_R] = "B",
        [VSP_FMT_B_U] = "B",
        [VSP_FMT_C_T] = "C",
        [VSP_FMT_C_D] = "C",
        [VSP_FMT_C_I] = "C",
        [VSP_FMT_C_U] = "C",
        [VSP_FMT_C_5] = "C",
        [VSP_FMT_C_6] = "C",
        [VSP_FMT_D] = "D",
        [VSP_FMT_E] = "E",
        [VSP_FMT_F] = "F",
        [VSP_FMT_G] = "G",
        [VSP_FMT_T] = "T",
};

/* Effects that matter to programmers; the others serve the compiler. */
static const struct {
	unsigned effect;
	const char *text;
} effects[] = {
        {VSP_FX_LOAD, "load"},
        {VSP_FX_STORE, "store"},
        {VSP_FX_TRAP, "trap"},
        {VSP_FX_HOST, "host"},
        {VSP_FX_BATCH, "batch"},
        {VSP_FX_WAIT, "waits"},
};

static void write_flags(FILE *out, unsigned flags)
{
	fprintf(out, "%s%s%s", flags & VSP_F_Z ? "Z" : "", flags & VSP_F_N ? "N" : "", flags & VSP_F_O ? "O" : "");
}

/* Escapes |, which would end a table cell. */
static void write_cell(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\|" : "%c", *text);
}

static void write_operands(FILE *out, const vsp_form_info *info)
{
	for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++)
		fprintf(out, "%s%s", i ? ", " : " ", vsp_operands[info->operands[i]].text);
}

static void write_form(FILE *out, const vsp_form_info *info)
{
	fprintf(out, "| %02X", info->op);
	if (info->sel)
		fprintf(out, ".%X", info->sel);
	fprintf(out, " | `%s", info->mnemonic);
	write_operands(out, info);
	fprintf(out, "` | %s | ", format_text[info->format]);
	write_flags(out, info->flags_written);
	fprintf(out, " | ");
	const char *separator = "";
	for (size_t i = 0; i < COUNT(effects); i++)
		if (info->effects & effects[i].effect) {
			fprintf(out, "%s%s", separator, effects[i].text);
			separator = ", ";
		}
	fprintf(out, " | %s | ", info->kernel ? "yes" : "");
	write_cell(out, info->meaning);
	fprintf(out, " |\n");
}

static void write_aliases(FILE *out)
{
	static const char *const kinds[] = {[VSP_ALIAS] = "another spelling, or the shortest form that fits",
	        [VSP_ALIAS_NEGATE] = "with the negated number",
	        [VSP_ALIAS_SWAP] = "the last two registers exchanged",
	        [VSP_ALIAS_OLD] = "VSP 1.0",
	        [VSP_ALIAS_CLASSIC] = "under .dialect classic"};
	static_assert(COUNT(kinds) == VSP_ALIAS_KINDS, "every kind of spelling has its words");
	fprintf(out, "\n## Other spellings\n\nCandidates of one spelling are tried in this order.\n\n"
	             "| written | means | why |\n|---|---|---|\n");
	for (size_t i = 0; i < vsp_alias_count; i++) {
		const vsp_alias *alias = &vsp_aliases[i];
		if (strcmp(alias->spelling, vsp_forms[alias->form].mnemonic) != 0)
			fprintf(out, "| `%s` | `%s` | %s |\n", alias->spelling, vsp_forms[alias->form].mnemonic,
			        kinds[alias->kind]);
	}
}

static void copy_file(FILE *out, const char *root, const char *name)
{
	char path[PATH_MAX_BYTES];
	snprintf(path, sizeof path, "%s/%s", root, name);
	FILE *in = fopen(path, "rb");
	for (int c; in && (c = fgetc(in)) != EOF;)
		fputc(c, out);
	if (in)
		fclose(in);
}

static void generate_isa(FILE *out, const char *root)
{
	fprintf(out, "<!-- Generated by tools/gen/docs.c from docs/isa_intro.md, ir/opcodes.def and runtime/traps.def: "
	             "do not edit. -->\n");
	copy_file(out, root, "docs/isa_intro.md");
	fprintf(out, "\n## Traps\n\n| number | kind | meaning |\n|---|---|---|\n");
	for (uint32_t kind = VSP_TRAP_NONE + 1; kind <= VSP_TRAP_BAD_MODE; kind++)
		fprintf(out, "| %u | %s | %s |\n", (unsigned)kind, vsp_trap_kind_name(kind), vsp_trap_kind_text(kind));
	fprintf(out, "\n## Instructions\n\nColumn *op*: the opcode and, after the point, the type nibble or k when it "
	             "is not 0. Column *flags*: those "
	             "written.\nColumn *kernel*: allowed in kernels. W, U, I, F, S, B are the views of a register, L "
	             "the B view.\n");
	size_t chapter = 0;
	for (unsigned f = 0; f < VSP_FORMS; f++) {
		if (chapter < COUNT(chapters) && vsp_forms[f].op >= chapters[chapter].first) {
			fprintf(out, "\n### %s\n\n| op | instruction | format | flags | effects | kernel | meaning |\n",
			        chapters[chapter].title);
			fprintf(out, "|---|---|---|---|---|---|---|\n");
			chapter++;
		}
		write_form(out, &vsp_forms[f]);
	}
	write_aliases(out);
}

/* ---- docs/syscalls.md ---- */

static void write_registers(FILE *out, unsigned mask)
{
	if (mask == 0xFFFF) {
		fprintf(out, "all");
		return;
	}
	const char *separator = "";
	for (int i = 0; i < VSP_REGISTERS; i++)
		if (mask >> i & 1) {
			fprintf(out, "%sR%X", separator, (unsigned)i);
			separator = " ";
		}
}

static void write_lower(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text, out);
}

static void generate_syscalls(FILE *out, const char *root)
{
	(void)root;
	fprintf(out, "<!-- Generated by tools/gen/docs.c from runtime/syscalls.def: do not edit. -->\n# SYSCALLs\n\n"
	             "`SYSCALL id` asks the runtime for a service. Arguments are in registers from R0, a result is in "
	             "R0; other registers stay. "
	             "A call that\nneeds a capability the host has not granted traps DENIED; vspc grants stdio and "
	             "args, `--allow` adds others.\n\n"
	             "| id | name | reads | writes | flags | capability | meaning |\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < COUNT(syscalls); i++) {
		const syscall_row *s = &syscalls[i];
		fprintf(out, "| 0x%02X | ", s->id);
		write_lower(out, s->name);
		fprintf(out, " | ");
		write_registers(out, s->reads);
		fprintf(out, " | ");
		write_registers(out, s->writes);
		fprintf(out, " | ");
		write_flags(out, s->writes ? s->flags : 0);
		fprintf(out, " | ");
		if (strcmp(s->capability, "NONE") != 0)
			write_lower(out, s->capability);
		fprintf(out, " | ");
		write_cell(out, s->meaning);
		fprintf(out, " |\n");
	}
}

/* ---- docs/wasi.md ---- */

typedef struct wasi_row {
	const char *name, *access, *params, *meaning;
} wasi_row;
static const wasi_row wasi_functions[] = {
#define WASI(NAME, ACCESS, RIGHT, params, text) {#NAME, #ACCESS, params, text},
#include "runtime/wasi.def"
};

static const char *wasi_type(char letter)
{
	switch (letter) {
#define WASI_PARAM(letter, TYPE, bytes, text) \
	case letter: return #TYPE;
#include "runtime/wasi.def"
	default: return "?";
	}
}

static void generate_wasi(FILE *out, const char *root)
{
	fprintf(out, "<!-- Generated by tools/gen/docs.c from docs/wasi_intro.md and runtime/wasi.def: do not edit. "
	             "-->\n");
	copy_file(out, root, "docs/wasi_intro.md");
	fprintf(out, "\n| function | parameters | needs | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < COUNT(wasi_functions); i++) {
		const wasi_row *f = &wasi_functions[i];
		fprintf(out, "| %s |", f->name);
		for (const char *p = f->params; *p; p++) {
			fputc(' ', out);
			write_lower(out, wasi_type(*p));
		}
		fputs(" | ", out);
		if (strcmp(f->access, "NOTHING") == 0)
			fputs("-", out);
		else
			write_lower(out, strcmp(f->access, "FILE") == 0 ? "a descriptor" : f->access);
		fprintf(out, " | %s |\n", f->meaning);
	}
	fprintf(out, "\nThe result is an errno, i32, except of proc_exit, which has none.\n");
}

/* ---- docs/cli.md ---- */

/* The text between an option and its value. */
static const char *joint(const option_row *o)
{
	if (!strcmp(o->argument, "REST") || (!strcmp(o->argument, "JOINED") && strcmp(o->spelling, "-O") != 0))
		return " ";
	return !strcmp(o->argument, "VALUE") ? "=" : !strcmp(o->argument, "MAYBE") ? "[=" : "";
}

static void generate_cli(FILE *out, const char *root)
{
	fprintf(out, "<!-- Generated by tools/gen/docs.c from docs/cli_intro.md and tools/vspc/options.def: do not "
	             "edit. -->\n");
	copy_file(out, root, "docs/cli_intro.md");
	fprintf(out, "\n## Options\n\nThose marked * need the compiler library; so do tiers 1 and 2.\n\n| option | | "
	             "meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < COUNT(options); i++) {
		const option_row *o = &options[i];
		fprintf(out, "| `%s%s", o->spelling, joint(o));
		write_cell(out, o->placeholder);
		fprintf(out, "%s` | %s | ", strcmp(o->argument, "MAYBE") ? "" : "]",
		        strcmp(o->component, "COMPILER") ? "" : "*");
		write_cell(out, o->meaning);
		fprintf(out, " |\n");
	}
}

/* ---- writing and checking ---- */

static const struct {
	const char *name;
	generator generate;
} pages[] = {
        {"docs/isa.md", generate_isa},
        {"docs/cli.md", generate_cli},
        {"docs/syscalls.md", generate_syscalls},
        {"docs/wasi.md", generate_wasi},
        {"docs/sources.md", generate_sources},
        {"README.md", generate_readme},
        {"docs/editor/sil.vim", editors_vim},
        {"docs/editor/sil.tmLanguage.json", editors_textmate},
        {"playground/src/grammar.js", editors_javascript},
};

static bool files_equal(FILE *a, FILE *b)
{
	int ca, cb;
	do {
		ca = fgetc(a);
		cb = fgetc(b);
	} while (ca == cb && ca != EOF);
	return ca == cb;
}

static bool check_page(const char *path, generator generate, const char *root)
{
	FILE *wanted = tmpfile(), *found = fopen(path, "rb");
	bool equal = false;
	if (wanted && found) {
		generate(wanted, root);
		rewind(wanted);
		equal = files_equal(wanted, found);
	}
	if (wanted)
		fclose(wanted);
	if (found)
		fclose(found);
	if (!equal)
		fprintf(stderr, "%s is out of date: run gen_docs (build/NAME/tools/gen_docs .)\n", path);
	return equal;
}

static bool write_page(const char *path, generator generate, const char *root)
{
	FILE *page = tmpfile(); /* what is made may be read from the file itself */
	if (page) {
		generate(page, root);
		rewind(page);
	}
	FILE *out = page ? fopen(path, "wb") : NULL;
	if (!out)
		fprintf(stderr, "%s cannot be written\n", path);
	for (int c; out && (c = fgetc(page)) != EOF;)
		fputc(c, out);
	if (page)
		fclose(page);
	return out && fclose(out) == 0;
}

int main(int argc, char **argv)
{
	bool check = argc == 3 && !strcmp(argv[1], "--check"), good;
	if (argc != 2 && !check) {
		fprintf(stderr, "usage: gen_docs [--check] ROOT\n");
		return 2;
	}
	const char *root = argv[argc - 1];
	good = sources_described(root);
	good &= platforms_tested(root);
	for (size_t i = 0; i < COUNT(pages); i++) {
		char path[PATH_MAX_BYTES];
		snprintf(path, sizeof path, "%s/%s", root, pages[i].name);
		good &= check ? check_page(path, pages[i].generate, root) : write_page(path, pages[i].generate, root);
	}
	return good ? 0 : 1;
}
