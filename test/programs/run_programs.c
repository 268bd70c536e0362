/*
 * Runs .sil programs with vspc and checks what their comments expect; one line on stderr for each
 * failure.
 *
 *     run_programs --vspc PATH --work DIR [--flags "..."] [--reference "..."] [--host]
 *     [--round-trip] FILE...
 *
 * --flags go to every run. With --reference each program runs a second time with those flags, and
 * both must end in the same state, as far as both report it. With --host PATH is a host of compiled
 * programs, which sees neither flags nor mode. --round-trip assembles, disassembles and assembles
 * again, and compares the files instead of running.
 *
 * A program that ended normally shows its registers, and a dump is missing only where vspc refuses
 * the program, so a vspc that runs nothing passes no program: test_itself.sh tries that. A program
 * without any expectation is a failure, and so is a comment that looks like one of those below but
 * is none.
 *
 * Comments understood, each at the start of a line (T: text to its end):
 *
 *     ; expect-stdout: T             a line of the program's output; all of them must be all of it
 *     ; expect-stderr-contains: T
 *     ; expect-exit: N               default 0, or 1 with expect-trap
 *     ; expect-trap: KIND [code N] [line N]
 *     ; expect-r0: V                 a number in decimal or 0x
 *     ; expect-reg: R3 = V
 *     ; expect-sr: V
 *     ; expect-mode: N
 *     ; args: T                      after --
 *     ; invoke: NAME ARGS            calls an exported function
 *     ; flags: T                     for vspc
 *     ; input: T                     input of the program, with \n, \\ and \xNN
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096, COMMAND_MAX = 16384, REGISTERS = 16 };

typedef struct options {
	const char *vspc, *work, *flags, *reference;
	bool round_trip, host;
} options;

/* The expectations of one program, from its comments. */
typedef struct expectations {
	char *stdout_text; /* with a newline after each line */
	char stderr_text[TEXT_MAX], args[TEXT_MAX], invoke[TEXT_MAX], flags[TEXT_MAX], trap[64];
	char *input;
	size_t input_size;
	char unknown[64]; /* the first key that looks like one of ours and is not */
	bool has_exit, has_stdout, has_sr, has_mode, has_register[REGISTERS];
	long exit_status, trap_line, trap_code; /* -1: any */
	uint64_t registers[REGISTERS], sr, mode;
} expectations;

/* The result of one run. */
typedef struct outcome {
	int exit_status;
	char *stdout_text; /* without the dump */
	char *stderr_text;
	char *json;
} outcome;

/* ---- files ---- */

/* malloc'd, 0-terminated contents, or null. */
static char *read_file(const char *path, size_t *size)
{
	FILE *in = fopen(path, "rb");
	if (!in)
		return NULL;
	size_t capacity = TEXT_MAX, n = 0, got;
	char *bytes = malloc(capacity);
	while (bytes && (got = fread(bytes + n, 1, capacity - n - 1, in)) > 0) {
		n += got;
		if (capacity - n < TEXT_MAX) {
			char *more = realloc(bytes, capacity *= 2);
			if (!more)
				free(bytes);
			bytes = more;
		}
	}
	fclose(in);
	if (bytes)
		bytes[n] = 0;
	if (size)
		*size = n;
	return bytes;
}

static bool write_file(const char *path, const char *bytes, size_t size)
{
	FILE *out = fopen(path, "wb");
	bool good = out && fwrite(bytes, 1, size, out) == size;
	return out && fclose(out) == 0 && good;
}

static bool files_are_equal(const char *a, const char *b)
{
	size_t na = 0, nb = 1;
	char *pa = read_file(a, &na), *pb = read_file(b, &nb);
	bool equal = pa && pb && na == nb && !memcmp(pa, pb, na);
	free(pa);
	free(pb);
	return equal;
}

/* ---- comments ---- */

static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);
	if (strncmp(line, "; ", 2) != 0 || strncmp(line + 2, key, n) != 0 || line[2 + n] != ':')
		return NULL;
	line += 3 + n;
	return *line == ' ' ? line + 1 : line;
}

static void append(char **text, const char *line)
{
	size_t n = *text ? strlen(*text) : 0, more = strlen(line);
	char *longer = realloc(*text, n + more + 2);
	if (!longer)
		return;
	memcpy(longer + n, line, more);
	memcpy(longer + n + more, "\n", 2);
	*text = longer;
}

static void set_text(char *to, const char *from) { snprintf(to, TEXT_MAX, "%s", from); }

static void set_input(expectations *e, const char *text)
{
	e->input = malloc(strlen(text) + 1);
	for (e->input_size = 0; e->input && *text; text++) {
		char c = *text;
		if (c == '\\' && text[1] == 'n')
			c = '\n', text++;
		else if (c == '\\' && text[1] == '\\')
			text++;
		else if (c == '\\' && text[1] == 'x' && text[2] && text[3]) {
			c = (char)strtoul((char[]){text[2], text[3], 0}, NULL, 16);
			text += 3;
		}
		e->input[e->input_size++] = c;
	}
}

static void set_trap(expectations *e, const char *text)
{
	sscanf(text, "%63s", e->trap);
	const char *line = strstr(text, " line "), *code = strstr(text, " code ");
	e->trap_line = line ? strtol(line + 6, NULL, 0) : -1;
	e->trap_code = code ? strtol(code + 6, NULL, 0) : -1;
}

/* Negative numbers count as their two's complement. */
static uint64_t number(const char *text)
{
	while (*text == ' ' || *text == '=')
		text++;
	return *text == '-' ? (uint64_t)strtoll(text, NULL, 0) : strtoull(text, NULL, 0);
}

static void set_register(expectations *e, unsigned r, const char *text)
{
	e->has_register[r % REGISTERS] = true;
	e->registers[r % REGISTERS] = number(text);
}

/* Is the line meant to be an expectation? Other words before a colon may be prose. */
static bool is_misspelt(const char *line) { return !strncmp(line, "; expect", 8) || !strncmp(line, ";expect", 7); }

static void read_comment(expectations *e, const char *line)
{
	const char *v;
	if ((v = value_of(line, "expect-stdout"))) {
		append(&e->stdout_text, v);
		e->has_stdout = true;
	} else if ((v = value_of(line, "expect-stderr-contains"))) {
		set_text(e->stderr_text, v);
	} else if ((v = value_of(line, "expect-exit"))) {
		e->exit_status = strtol(v, NULL, 0);
		e->has_exit = true;
	} else if ((v = value_of(line, "expect-trap"))) {
		set_trap(e, v);
	} else if ((v = value_of(line, "expect-r0"))) {
		set_register(e, 0, v);
	} else if ((v = value_of(line, "expect-reg")) && *v == 'R') {
		set_register(e, (unsigned)strtoul((char[]){v[1], 0}, NULL, 16), v + 2);
	} else if ((v = value_of(line, "expect-sr"))) {
		e->sr = number(v);
		e->has_sr = true;
	} else if ((v = value_of(line, "expect-mode"))) {
		e->mode = number(v);
		e->has_mode = true;
	} else if ((v = value_of(line, "args"))) {
		set_text(e->args, v);
	} else if ((v = value_of(line, "invoke"))) {
		set_text(e->invoke, v);
	} else if ((v = value_of(line, "flags"))) {
		set_text(e->flags, v);
	} else if ((v = value_of(line, "input"))) {
		set_input(e, v);
	} else if (is_misspelt(line) && !e->unknown[0]) {
		snprintf(e->unknown, sizeof e->unknown, "%s", line);
	}
}

static bool expects_anything(const expectations *e)
{
	bool some = e->has_stdout || e->has_sr || e->has_mode || e->stderr_text[0] || e->trap[0] || e->has_exit;
	for (unsigned r = 0; r < REGISTERS; r++)
		some |= e->has_register[r];
	return some;
}

static bool read_expectations(const char *path, expectations *e)
{
	char *text = read_file(path, NULL);
	*e = (expectations){.trap_line = -1, .trap_code = -1};
	for (char *line = text, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = 0;
		read_comment(e, line);
	}
	if (!e->has_exit && e->trap[0])
		e->exit_status = 1;
	free(text);
	return text != NULL;
}

/* ---- the dump ---- */

/* The raw text of a key's value in a JSON object, copied to out; "null" when it is not there. */
static void json_value(const char *json, const char *key, char *out, size_t size)
{
	char quoted[64];
	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	const char *at = json ? strstr(json, quoted) : NULL;
	snprintf(out, size, "null");
	if (!at)
		return;
	at += strlen(quoted);
	at += strspn(at, " ");
	int depth = 0;
	bool string = false;
	size_t n = 0;
	for (; *at && n + 1 < size; at++) {
		if (*at == '"' && at[-1] != '\\')
			string = !string;
		if (!string && (*at == ',' || *at == '}' || *at == ']') && depth == 0)
			break;
		depth += !string && (*at == '{' || *at == '[');
		depth -= !string && (*at == '}' || *at == ']');
		out[n++] = *at;
	}
	out[n] = 0;
}

/* Register r of the dump; false when registers are not known. */
static bool json_register(const char *json, unsigned r, uint64_t *value)
{
	char all[TEXT_MAX];
	json_value(json, "r", all, sizeof all);
	const char *at = all;
	for (unsigned i = 0; at && i <= r; i++)
		at = strstr(at + (i > 0), "0x");
	if (!at)
		return false;
	*value = strtoull(at, NULL, 16);
	return true;
}

/* ---- running ---- */

static int run_command(const char *command)
{
	int status = system(command);
	/* POSIX: the status is in the second byte. Death by a signal is reported by the shell as
	   128 and more. */
	return status > 255 ? status >> 8 : status;
}

static void free_outcome(outcome *o)
{
	free(o->stdout_text);
	free(o->stderr_text);
	free(o->json);
	*o = (outcome){0};
}

/* The dump is the last line, beginning with a brace; the text before it is the program's. */
static void split_dump(outcome *o)
{
	char *text = o->stdout_text;
	size_t n = strlen(text);
	while (n && text[n - 1] == '\n')
		n--;
	size_t start = n;
	while (start && text[start - 1] != '\n')
		start--;
	if (text[start] != '{')
		return;
	text[n] = 0;
	o->json = malloc(n - start + 1);
	if (o->json)
		memcpy(o->json, text + start, n - start + 1);
	text[start] = 0;
}

static bool run_program(const options *opt, const char *path, const expectations *e, const char *flags, outcome *o)
{
	char command[COMMAND_MAX], out[TEXT_MAX], err[TEXT_MAX], in[TEXT_MAX];
	snprintf(out, sizeof out, "%s/stdout", opt->work);
	snprintf(err, sizeof err, "%s/stderr", opt->work);
	snprintf(in, sizeof in, "%s/input", opt->work);
	if (!write_file(in, e->input ? e->input : "", e->input_size))
		return false;
	int n = snprintf(command, sizeof command,
	        "'%s' %s --dump=json --input '%s' %s --run '%s' %s%s %s%s > '%s' 2> '%s'", opt->vspc, flags, in,
	        e->flags, path, e->invoke[0] ? "--invoke " : "", e->invoke, e->args[0] ? "-- " : "", e->args, out, err);
	if (n < 0 || (size_t)n >= sizeof command)
		return false;
	o->exit_status = run_command(command);
	o->stdout_text = read_file(out, NULL);
	o->stderr_text = read_file(err, NULL);
	if (!o->stdout_text || !o->stderr_text)
		return false;
	split_dump(o);
	return true;
}

/* ---- checking ---- */

static bool fail(const char *path, const char *flags, const char *what, const char *expected, const char *found)
{
	fprintf(stderr, "FAIL %s [%s] %s: expected %s, found %.300s\n", path, flags, what, expected, found);
	return false;
}

static bool fail_number(const char *path, const char *flags, const char *what, uint64_t expected, uint64_t found)
{
	char a[32], b[32];
	snprintf(a, sizeof a, "0x%" PRIx64, expected);
	snprintf(b, sizeof b, "0x%" PRIx64, found);
	return fail(path, flags, what, a, b);
}

static bool check_trap(const char *path, const char *flags, const expectations *e, const outcome *o)
{
	char trap[TEXT_MAX], kind[64], line[32], code[32], quoted[70];
	json_value(o->json, "trap", trap, sizeof trap);
	json_value(trap, "kind", kind, sizeof kind);
	json_value(trap, "line", line, sizeof line);
	json_value(trap, "code", code, sizeof code);
	snprintf(quoted, sizeof quoted, e->trap[0] ? "\"%s\"" : "null", e->trap);
	if (strcmp(kind, quoted) != 0)
		return fail(path, flags, "trap", quoted, trap);
	if (e->trap_line >= 0 && strtol(line, NULL, 10) != e->trap_line)
		return fail_number(path, flags, "line of the trap", (uint64_t)e->trap_line, strtoull(line, NULL, 10));
	if (e->trap_code >= 0 && strtol(code, NULL, 10) != e->trap_code)
		return fail_number(path, flags, "code of the trap", (uint64_t)e->trap_code, strtoull(code, NULL, 10));
	return true;
}

/* The final newline of the output may be missing, since the dump starts on a new line anyway. */
static bool same_output(const char *expected, const char *found)
{
	size_t a = strlen(expected), b = strlen(found);
	if (a && expected[a - 1] == '\n')
		a--;
	if (b && found[b - 1] == '\n')
		b--;
	return a == b && !memcmp(expected, found, a);
}

/* Registers and flags are unknown only after a trap in compiled code; a run that ended normally
   must show them. */
static bool check_registers(const char *path, const char *flags, const expectations *e, const outcome *o)
{
	bool good = true;
	char name[8];
	for (unsigned r = 0; r < REGISTERS; r++) {
		uint64_t value;
		snprintf(name, sizeof name, "R%X", r);
		if (!json_register(o->json, r, &value)) {
			if (!e->trap[0])
				return fail(path, flags, name, "a value", "none in the dump");
		} else if (e->has_register[r] && value != e->registers[r]) {
			good = fail_number(path, flags, name, e->registers[r], value);
		}
	}
	return good;
}

/* A number of the dump, in quotes or not; where allowed it may be unknown. */
static bool check_number(
        const char *path, const options *opt, const outcome *o, const char *key, uint64_t expected, bool unknown)
{
	char text[64];
	json_value(o->json, key, text, sizeof text);
	if (!strcmp(text, "null"))
		return unknown || fail(path, opt->flags, key, "a value", "none in the dump");
	uint64_t found = strtoull(text + (*text == '"'), NULL, 0);
	return found == expected || fail_number(path, opt->flags, key, expected, found);
}

static bool check_state(const char *path, const options *opt, const expectations *e, const outcome *o)
{
	bool good = check_registers(path, opt->flags, e, o);
	if (e->has_sr)
		good &= check_number(path, opt, o, "sr", e->sr, opt->host || e->trap[0]);
	if (e->has_mode)
		good &= check_number(path, opt, o, "mode", e->mode, opt->host);
	return good;
}

/* The end of the run, from the dump. */
static bool check_status(const char *path, const char *flags, const expectations *e, const outcome *o)
{
	char status[64], wanted[64];
	json_value(o->json, "status", status, sizeof status);
	snprintf(wanted, sizeof wanted, "\"%s\"", e->trap[0] ? "trapped" : e->exit_status ? "exited" : "halted");
	return !strcmp(status, wanted) || fail(path, flags, "status", wanted, status);
}

static bool check_outcome(const char *path, const options *opt, const expectations *e, const outcome *o)
{
	const char *flags = opt->flags;
	bool good = true;
	if (o->exit_status != e->exit_status) {
		fail_number(path, flags, "exit status", (uint64_t)e->exit_status, (uint64_t)o->exit_status);
		return fail(path, flags, "messages", "none", o->stderr_text);
	}
	if (e->stderr_text[0] && !strstr(o->stderr_text, e->stderr_text))
		good = fail(path, flags, "stderr", e->stderr_text, o->stderr_text);
	if (e->exit_status == 2 && e->has_exit && !o->json)
		return good;
	if (e->has_stdout && !same_output(e->stdout_text, o->stdout_text))
		good = fail(path, flags, "stdout", e->stdout_text, o->stdout_text);
	if (!o->json)
		return fail(path, flags, "stdout", "a dump at its end", o->stdout_text);
	good &= check_status(path, flags, e, o);
	good &= check_trap(path, flags, e, o);
	return check_state(path, opt, e, o) && good;
}

/* Both runs must agree in all values that both report. */
static bool check_same(const char *path, const options *opt, const outcome *a, const outcome *b)
{
	static const char *const keys[] = {
	        "status", "code", "kind", "pc", "sp", "sr", "mode", "r", "g", "memory_fnv1a"};
	bool good = true;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char va[TEXT_MAX], vb[TEXT_MAX];
		json_value(a->json, keys[i], va, sizeof va);
		json_value(b->json, keys[i], vb, sizeof vb);
		if (strcmp(va, "null") != 0 && strcmp(vb, "null") != 0 && strcmp(va, vb) != 0)
			good = fail(path, opt->flags, keys[i], vb, va);
	}
	if (!same_output(b->stdout_text, a->stdout_text))
		good = fail(path, opt->flags, "stdout", b->stdout_text, a->stdout_text);
	return good;
}

static bool check_run(const options *opt, const char *path)
{
	expectations e;
	outcome o = {0}, reference = {0};
	if (!read_expectations(path, &e))
		return fail(path, opt->flags, "file", "readable", "not");
	if (e.unknown[0] || !expects_anything(&e))
		return fail(path, opt->flags, "comments", "expectations", e.unknown[0] ? e.unknown : "none");
	bool good = run_program(opt, path, &e, opt->flags, &o) && check_outcome(path, opt, &e, &o);
	if (good && opt->reference)
		good = run_program(opt, path, &e, opt->reference, &reference) && check_same(path, opt, &o, &reference);
	free_outcome(&o);
	free_outcome(&reference);
	free(e.stdout_text);
	free(e.input);
	return good;
}

static bool check_round_trip(const options *opt, const char *path)
{
	char command[COMMAND_MAX], first[TEXT_MAX], second[TEXT_MAX];
	expectations e;
	if (!read_expectations(path, &e))
		return fail(path, "", "file", "readable", "not");
	free(e.stdout_text);
	free(e.input);
	snprintf(first, sizeof first, "%s/first.silc", opt->work);
	snprintf(second, sizeof second, "%s/second.silc", opt->work);
	if (e.exit_status == 2)
		return true; /* not meant to assemble */
	snprintf(command, sizeof command,
	        "'%s' --asm '%s' -o '%s' && '%s' --dis '%s' > '%s/first.sil' && '%s' --asm '%s/first.sil' -o '%s'",
	        opt->vspc, path, first, opt->vspc, first, opt->work, opt->vspc, opt->work, second);
	if (run_command(command) != 0)
		return fail(path, "round trip", "commands", "status 0", "another");
	return files_are_equal(first, second) || fail(path, "round trip", "bytes", "identical", "different");
}

int main(int argc, char **argv)
{
	options opt = {.work = ".", .flags = ""};
	int i = 1, failures = 0, programs = 0;
	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		if (!strcmp(argv[i], "--round-trip")) {
			opt.round_trip = true;
			continue;
		}
		if (!strcmp(argv[i], "--host")) {
			opt.host = true;
			continue;
		}
		if (!strcmp(argv[i], "--vspc"))
			opt.vspc = value;
		else if (!strcmp(argv[i], "--work"))
			opt.work = value;
		else if (!strcmp(argv[i], "--flags"))
			opt.flags = value;
		else if (!strcmp(argv[i], "--reference"))
			opt.reference = value;
		i++;
	}
	if (!opt.vspc || i >= argc) {
		fprintf(stderr, "usage: run_programs --vspc PATH [--work DIR] [--flags F] [--reference F] "
		                "[--host] [--round-trip] FILE...\n");
		return 2;
	}
	for (; i < argc; i++, programs++)
		failures += !(opt.round_trip ? check_round_trip(&opt, argv[i]) : check_run(&opt, argv[i]));
	printf("%d of %d programs as expected\n", programs - failures, programs);
	return failures != 0;
}
