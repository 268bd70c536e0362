/*
 * The text of a profile: a head with version and hash; for each counted function a line of its
 * entries, and a line for each of its sites that was reached; and an end with the number of lines,
 * so that a truncated file is not mistaken for a whole one.
 */
#include "profile_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

static const char *const site_words[] = {
        [VSP_SITE_BRANCH] = "branch", [VSP_SITE_TABLE] = "table", [VSP_SITE_CALL] = "calls"};

/* ---- writing ---- */

typedef struct writer {
	char *text; /* null after a failure */
	size_t length, capacity;
	uint64_t lines;
	bool failed;
} writer;

static void put(writer *w, const char *format, ...) VSP_PRINTF(2, 3);
static void put(writer *w, const char *format, ...)
{
	enum { LONGEST = 64 };
	if (w->failed)
		return;
	if (w->capacity - w->length < LONGEST) {
		char *longer = vsp_realloc(w->text, w->capacity ? 2 * w->capacity : 4096, 1);
		if (!longer) {
			w->failed = true;
			return;
		}
		w->text = longer;
		w->capacity = w->capacity ? 2 * w->capacity : 4096;
	}
	va_list args;
	va_start(args, format);
	w->length += (size_t)vsnprintf(w->text + w->length, LONGEST, format, args);
	va_end(args);
}

static bool is_counted(const vsp_func_profile *f, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		if (vsp_profile_get(f, i))
			return true;
	return false;
}

/*
 * The words of a site are its counters; for branches they are taken and not taken, which say more.
 */
static void put_site(writer *w, const vsp_func_profile *f, const vsp_profile_site *site)
{
	uint64_t counts[2];
	put(w, "%s %" PRIx32, site_words[site->kind], site->pc);
	if (site->kind == VSP_SITE_BRANCH) {
		vsp_profile_branch(f, site, &counts[0], &counts[1]);
		put(w, " %" PRIu64 " %" PRIu64, counts[0], counts[1]);
	} else {
		for (uint32_t i = site->first; i < site->first + site->count; i++)
			put(w, " %" PRIu64, vsp_profile_get(f, i));
	}
	put(w, "\n");
	w->lines++;
}

char *vsp_profile_write_text(const vsp_profile *p, uint64_t hash, size_t *length)
{
	writer w = {.text = NULL};
	put(&w, "vsp-profile %d\nmodule %016" PRIx64 "\n", VSP_PROFILE_VERSION, hash);
	for (uint32_t i = 0; i < p->module->func_count; i++) {
		const vsp_func_profile *f = vsp_profile_known(p, i);
		if (!f || !is_counted(f, 0, f->count))
			continue;
		put(&w, "function %" PRIu32 " %" PRIu64 "\n", i, vsp_profile_get(f, VSP_PROFILE_ENTRIES));
		w.lines++;
		for (uint32_t s = 0; s < f->site_count; s++)
			if (is_counted(f, f->sites[s].first, f->sites[s].count))
				put_site(&w, f, &f->sites[s]);
	}
	put(&w, "end %" PRIu64 "\n", w.lines);
	if (w.failed) {
		vsp_free_memory(w.text);
		return NULL;
	}
	*length = w.length;
	return w.text;
}

/* ---- reading ---- */

typedef struct reader {
	vsp_profile *profile;
	const char *at, *end;
	unsigned line;
	vsp_func_profile *f; /* the function whose sites are being read */
	uint32_t next_func, next_pc;
	uint64_t lines; /* read so far */
	bool ended;
	vsp_error *error;
} reader;

static vsp_status wrong(reader *r, const char *what)
{
	return vsp_error_set(r->error, VSP_E_FORMAT, "line %u of the profile: %s", r->line, what);
}

/* Takes word and the space behind it. */
static bool take_word(reader *r, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(r->end - r->at) <= n || memcmp(r->at, word, n) != 0 || r->at[n] != ' ')
		return false;
	r->at += n + 1;
	return true;
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16; }

/*
 * Takes a number and the character that ends it: a space, or the newline when it is the last on its
 * line.
 */
static bool take_number(reader *r, unsigned base, char stop, uint64_t *value)
{
	const char *start = r->at;
	for (*value = 0; r->at < r->end && (unsigned)digit(*r->at) < base; r->at++) {
		uint64_t d = (uint64_t)digit(*r->at);
		if (*value > (UINT64_MAX - d) / base)
			return false;
		*value = *value * base + d;
	}
	return r->at > start && r->at < r->end && *r->at++ == stop;
}

static void set_count(reader *r, uint32_t index, uint64_t value) { atomic_store(&r->f->counts[index], value); }

static vsp_status read_function(reader *r)
{
	uint64_t index, entries;
	if (!take_number(r, 10, ' ', &index) || !take_number(r, 10, '\n', &entries))
		return wrong(r, "'function' takes an index and a count");
	if (index < r->next_func || index >= r->profile->module->func_count)
		return wrong(r, "the program has no such function, or not in this place");
	r->f = vsp_profile_func(r->profile, (uint32_t)index);
	if (!r->f)
		return vsp_error_set(r->error, VSP_E_MEMORY, "out of memory");
	r->next_func = (uint32_t)index + 1;
	r->next_pc = 0;
	set_count(r, VSP_PROFILE_ENTRIES, entries);
	return VSP_OK;
}

/* Callees must be functions of the program, each only once. */
static bool callees_fit(const reader *r, const vsp_profile_site *site)
{
	for (uint32_t i = 1; i < site->count; i += 2) {
		uint64_t callee = vsp_profile_get(r->f, site->first + i);
		if (callee > r->profile->module->func_count)
			return false;
		for (uint32_t k = 1; k < i && callee; k += 2)
			if (vsp_profile_get(r->f, site->first + k) == callee)
				return false;
	}
	return true;
}

static vsp_status read_counts(reader *r, const vsp_profile_site *site)
{
	for (uint32_t i = 0; i < site->count; i++) {
		uint64_t count;
		if (!take_number(r, 10, i + 1 < site->count ? ' ' : '\n', &count))
			return wrong(r, "another number of counts belongs here");
		set_count(r, site->first + i, count);
	}
	if (site->kind == VSP_SITE_BRANCH) {
		uint64_t taken = vsp_profile_get(r->f, site->first), fell = vsp_profile_get(r->f, site->first + 1);
		set_count(r, site->first, taken <= UINT64_MAX - fell ? taken + fell : UINT64_MAX);
	}
	return site->kind == VSP_SITE_CALL && !callees_fit(r, site) ? wrong(r, "the program has no such callees")
	                                                            : VSP_OK;
}

static vsp_status read_site(reader *r, unsigned kind)
{
	uint64_t pc;
	if (!r->f)
		return wrong(r, "no function comes before");
	if (!take_number(r, 16, ' ', &pc) || pc > UINT32_MAX)
		return wrong(r, "a code address belongs here");
	const vsp_profile_site *site = vsp_profile_site_at(r->f, (uint32_t)pc);
	if (!site || site->kind != kind || pc < r->next_pc)
		return wrong(r, "the function has no such instruction there, or not in this order");
	r->next_pc = (uint32_t)pc + 1;
	return read_counts(r, site);
}

static vsp_status read_end(reader *r)
{
	uint64_t lines;
	if (!take_number(r, 10, '\n', &lines) || lines != r->lines)
		return wrong(r, "lines are missing, or there are too many");
	r->ended = true;
	return r->at == r->end ? VSP_OK : wrong(r, "something follows the end");
}

static vsp_status read_line(reader *r)
{
	r->line++;
	if (take_word(r, "end"))
		return read_end(r);
	r->lines++;
	if (take_word(r, "function"))
		return read_function(r);
	for (unsigned kind = 0; kind < sizeof site_words / sizeof site_words[0]; kind++)
		if (take_word(r, site_words[kind]))
			return read_site(r, kind);
	return wrong(r, "it must begin with function, branch, table, calls or end");
}

static vsp_status read_head(reader *r, uint64_t hash)
{
	uint64_t version, other;
	r->line = 1;
	if (!take_word(r, "vsp-profile") || !take_number(r, 10, '\n', &version))
		return wrong(r, "this is no profile of vspc --profile-out");
	if (version != VSP_PROFILE_VERSION)
		return vsp_error_set(r->error, VSP_E_FORMAT,
		        "the profile is of version %" PRIu64 ", and this is version %d; make it anew", version,
		        VSP_PROFILE_VERSION);
	r->line = 2;
	if (!take_word(r, "module") || !take_number(r, 16, '\n', &other))
		return wrong(r, "the program's hash belongs here");
	if (other != hash)
		return vsp_error_set(r->error, VSP_E_ARGUMENT,
		        "the profile is of another program: of %016" PRIx64 ", and this is %016" PRIx64, other, hash);
	return VSP_OK;
}

vsp_status vsp_profile_read_text(vsp_profile *p, uint64_t hash, const char *text, size_t length, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	reader r = {.profile = p, .at = text, .end = text + length, .error = error ? error : &local};
	vsp_status status = read_head(&r, hash);
	while (status == VSP_OK && !r.ended)
		status = r.at < r.end ? read_line(&r) : (r.line++, wrong(&r, "the end is missing"));
	return status;
}
