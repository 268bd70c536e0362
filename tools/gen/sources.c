/*
 * Lists every .c, .h and .def file by folder, with the first sentence of its opening comment.
 *
 * Folders are read with opendir, so that the list needs no version control: a file without a
 * description is found in any copy of the sources. A sentence ends at a full stop or question mark
 * before a letter, at an empty line or at the end of the comment.
 */
#include "tools/gen/sources.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 256, NAME_MAX_BYTES = 64, PATH_MAX_BYTES = 4096, COMMENT_MAX_BYTES = 4096 };

/* The entries of one folder, in alphabetical order. */
typedef struct folder {
	char names[NAMES_MAX][NAME_MAX_BYTES];
	size_t count;
} folder;

/* The action for one file; shown is its name in the page. */
typedef void (*visitor)(void *context, const char *path, const char *shown);

static const char *const tops[] = {
        "include", "runtime", "ir", "frontend", "tiers", "aot", "tools", "js", "examples", "bench", "test"};

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

static bool is_source(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".def"));
}

/* Sources have one of three suffixes, folders have none. */
static void add_name(folder *entries, const char *name)
{
	if (strchr(name, '.') && !is_source(name))
		return;
	if (entries->count == NAMES_MAX || strlen(name) >= NAME_MAX_BYTES) {
		fprintf(stderr, "gen_docs: more than %d files in a folder, or a name as long as %s\n", NAMES_MAX, name);
		exit(1);
	}
	strcpy(entries->names[entries->count++], name);
}

/* False when path is no folder. */
static bool read_folder(folder *entries, const char *path)
{
	entries->count = 0;
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			add_name(entries, entry->d_name);
	closedir(dir);
	qsort(entries->names, entries->count, NAME_MAX_BYTES, compare_names);
	return true;
}

static void join(char out[PATH_MAX_BYTES], const char *folder_path, const char *name)
{
	int size = snprintf(out, PATH_MAX_BYTES, "%s/%s", folder_path, name);
	if (size < 0 || size >= PATH_MAX_BYTES) {
		fprintf(stderr, "gen_docs: the path of %s is too long\n", name);
		exit(1);
	}
}

/* Calls visit for the sources in a folder, then for those in the folders below. */
static void visit_folder(const char *root, const char *path, visitor visit, void *context)
{
	char full[PATH_MAX_BYTES], below[PATH_MAX_BYTES];
	folder *entries = malloc(sizeof *entries);
	if (!entries) {
		fprintf(stderr, "gen_docs: out of memory\n");
		exit(1);
	}
	join(full, root, path);
	if (read_folder(entries, full)) {
		for (size_t i = 0; i < entries->count; i++)
			if (is_source(entries->names[i])) {
				join(below, path, entries->names[i]);
				visit(context, full, below);
			}
		for (size_t i = 0; i < entries->count; i++)
			if (!strchr(entries->names[i], '.')) {
				join(below, path, entries->names[i]);
				visit_folder(root, below, visit, context);
			}
	}
	free(entries);
}

static void visit_all(const char *root, visitor visit, void *context)
{
	for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
		visit_folder(root, tops[i], visit, context);
}

/* ---- the first sentence ---- */

/* The text after the comment's opening, or null where the file does not begin with a comment. */
static const char *opening_comment(const char *folder_path, const char *shown, char text[COMMENT_MAX_BYTES])
{
	char path[PATH_MAX_BYTES];
	join(path, folder_path, strrchr(shown, '/') + 1);
	FILE *in = fopen(path, "rb");
	if (!in)
		return NULL;
	text[fread(text, 1, COMMENT_MAX_BYTES - 1, in)] = 0;
	fclose(in);
	return strncmp(text, "/*", 2) ? NULL : text + 2;
}

/* Skips blanks and the stars that begin lines; *empty says whether a line without words was among
   them. */
static const char *skip_blanks(const char *text, bool *empty)
{
	int lines = 0;
	for (; isspace((unsigned char)*text) || (*text == '*' && text[1] != '/'); text++)
		lines += *text == '\n';
	*empty = lines > 1;
	return text;
}

/* Whether a sentence ends between text and next: sentences may begin with identifiers, but an
   ellipsis before a small letter goes on. */
static bool ends_sentence(const char *text, size_t length, const char *next)
{
	char last = length ? text[length - 1] : 0;
	bool ellipsis = length > 1 && last == '.' && text[length - 2] == '.';
	return (last == '.' || last == '?') &&
	       (ellipsis ? isupper((unsigned char)*next) : isalpha((unsigned char)*next));
}

/* Copies the sentence as one line; false when there is none, or it only points to another file. */
static bool first_sentence(const char *text, char sentence[COMMENT_MAX_BYTES])
{
	size_t length = 0;
	bool empty;
	text = skip_blanks(text, &empty);
	while (*text && strncmp(text, "*/", 2) != 0) {
		if (!isspace((unsigned char)*text)) {
			sentence[length++] = *text++;
			continue;
		}
		text = skip_blanks(text, &empty);
		if (empty || ends_sentence(sentence, length, text))
			break;
		sentence[length++] = ' ';
	}
	while (length && sentence[length - 1] == ' ')
		length--;
	sentence[length] = 0;
	return length && strncmp(sentence, "See ", 4) != 0;
}

/* ---- the page ---- */

typedef struct page {
	FILE *out;
	char folder_path[PATH_MAX_BYTES]; /* of the table that is being written */
} page;

static void write_row(void *context, const char *path, const char *shown)
{
	page *p = context;
	char text[COMMENT_MAX_BYTES], sentence[COMMENT_MAX_BYTES] = "";
	if (strcmp(p->folder_path, path) != 0) {
		fprintf(p->out, "\n## %.*s\n\n| file | what it is |\n|---|---|\n", (int)(strrchr(shown, '/') - shown),
		        shown);
		strcpy(p->folder_path, path);
	}
	const char *comment = opening_comment(path, shown, text);
	if (comment)
		first_sentence(comment, sentence);
	fprintf(p->out, "| %s | ", strrchr(shown, '/') + 1);
	for (const char *c = sentence; *c; c++)
		fprintf(p->out, *c == '|' || *c == '<' || *c == '*' ? "\\%c" : "%c", *c);
	fprintf(p->out, " |\n");
}

void generate_sources(FILE *out, const char *root)
{
	page p = {.out = out};
	fprintf(out, "<!-- Generated by tools/gen/sources.c from the opening comments: do not edit. -->\n# Sources\n\n"
	             "Every source file, in the order of the layers (docs/design.md), with the first sentence of its "
	             "opening comment.\n");
	visit_all(root, write_row, &p);
}

static void check_file(void *context, const char *path, const char *shown)
{
	char text[COMMENT_MAX_BYTES], sentence[COMMENT_MAX_BYTES];
	const char *comment = opening_comment(path, shown, text);
	if (comment && first_sentence(comment, sentence))
		return;
	fprintf(stderr, "%s: its opening comment does not say what the file is\n", shown);
	*(bool *)context = false;
}

bool sources_described(const char *root)
{
	bool described = true;
	visit_all(root, check_file, &described);
	return described;
}
