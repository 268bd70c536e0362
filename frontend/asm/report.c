/*
 * Messages of the assembler: collected while it works, sorted by place, delivered at the end. Also
 * guesses for misspelt names.
 */
#include "asm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/search.h"

enum { MESSAGE_MAX = 400 };

bool asm_out_of_memory(asm_state *as)
{
	as->oom = true;
	as->failed = true;
	return false;
}

void *asm_grow(asm_state *as, void *array, uint32_t count, uint32_t *capacity, size_t element)
{
	if (count < *capacity)
		return array;
	if (*capacity > UINT32_MAX / 4) {
		asm_out_of_memory(as);
		return NULL;
	}
	uint32_t more = *capacity ? *capacity * 2 : 16;
	void *moved = vsp_realloc(array, more, element);
	if (!moved) {
		asm_out_of_memory(as);
		return NULL;
	}
	*capacity = more;
	return moved;
}

const char *asm_string(asm_state *as, const char *text, size_t n)
{
	const char *copy = vsp_arena_string(&as->arena, text, n);
	if (!copy)
		asm_out_of_memory(as);
	return copy ? copy : "";
}

const char *asm_text(const asm_state *as, asm_span span) { return as->files[span.file].text + span.begin; }

/* Offsets of all line starts of a file. */
static bool find_lines(asm_state *as, asm_file *file)
{
	uint32_t capacity = 0;
	uint32_t at = 0;
	for (;;) {
		uint32_t *moved = asm_grow(as, file->lines, file->line_count, &capacity, sizeof *moved);
		if (!moved)
			return false;
		file->lines = moved;
		file->lines[file->line_count++] = at;
		const char *newline = at < file->size ? memchr(file->text + at, '\n', file->size - at) : NULL;
		if (!newline)
			return true;
		at = (uint32_t)(newline - file->text) + 1;
	}
}

void asm_place(asm_state *as, uint32_t number, uint32_t offset, uint32_t *line, uint32_t *column)
{
	asm_file *file = &as->files[number];
	*line = *column = 1;
	if (!file->lines && !find_lines(as, file))
		return;
	uint32_t at = vsp_last_at_most(file->lines, sizeof *file->lines, file->line_count, offset);
	*line = at + 1;
	*column = offset - file->lines[at] + 1;
}

static asm_message *message_create(
        asm_state *as, asm_span span, vsp_severity severity, const char *format, va_list args)
{
	char text[MESSAGE_MAX];
	vsnprintf(text, sizeof text, format, args);
	asm_message *message = vsp_arena_alloc(&as->arena, sizeof *message);
	if (!message) {
		asm_out_of_memory(as);
		return NULL;
	}
	*message = (asm_message){.span = span, .severity = severity, .order = as->message_count};
	message->text = asm_string(as, text, strlen(text));
	return message;
}

static void message_add(asm_state *as, asm_message *message)
{
	asm_message **moved = asm_grow(as, as->messages, as->message_count, &as->message_capacity, sizeof *moved);
	if (!moved)
		return;
	as->messages = moved;
	as->messages[as->message_count++] = message;
}

bool asm_error(asm_state *as, asm_span span, const char *suggestion, const char *format, ...)
{
	as->failed = true;
	as->errors++;
	if (as->errors > ASM_MAX_ERRORS)
		return false;
	va_list args;
	va_start(args, format);
	asm_message *message = message_create(as, span, VSP_SEV_ERROR, format, args);
	va_end(args);
	if (message) {
		message->suggestion = suggestion;
		message_add(as, message);
	}
	return false;
}

void asm_note(asm_state *as, asm_span span, const char *format, ...)
{
	if (!as->message_count || as->errors > ASM_MAX_ERRORS)
		return;
	asm_message *error = as->messages[as->message_count - 1];
	va_list args;
	va_start(args, format);
	error->note = message_create(as, span, VSP_SEV_NOTE, format, args);
	va_end(args);
}

static int by_place(const void *left, const void *right)
{
	const asm_message *a = *(asm_message *const *)left, *b = *(asm_message *const *)right;
	if (a->span.file != b->span.file)
		return a->span.file < b->span.file ? -1 : 1;
	if (a->span.begin != b->span.begin)
		return a->span.begin < b->span.begin ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Hands one message over. A span that ends on a later line is cut at the end of its first. */
static void deliver(asm_state *as, const asm_message *message)
{
	const asm_file *file = &as->files[message->span.file];
	uint32_t line, column, begin = message->span.begin;
	asm_place(as, message->span.file, begin, &line, &column);
	const char *start = file->text + (begin - (column - 1));
	size_t rest = file->size - (size_t)(start - file->text);
	const char *newline = rest ? memchr(start, '\n', rest) : NULL;
	size_t length = newline ? (size_t)(newline - start) : rest;
	if (length && start[length - 1] == '\r')
		length--;
	uint32_t underlined = asm_length(message->span),
	         room = length > column - 1 ? (uint32_t)length - (column - 1) : 1;
	vsp_diagnostic diagnostic = {.severity = message->severity,
	        .file = file->name,
	        .line = line,
	        .column = column,
	        .length = underlined > room ? room
	                  : underlined      ? underlined
	                                    : 1,
	        .message = message->text,
	        .source_line = start,
	        .source_length = file->secret ? 0 : length,
	        .suggestion = message->suggestion};
	if (message->severity == VSP_SEV_ERROR)
		vsp_error_source(as->error, VSP_E_SYNTAX, file->name, line, column, "%s", message->text);
	if (as->options->report)
		as->options->report(as->options->user, &diagnostic);
}

/* Notes that lead from an included file to the main source. */
static void deliver_includes(asm_state *as, uint32_t file)
{
	for (asm_span from = as->files[file].included; from.file != ASM_NONE; from = as->files[from.file].included) {
		asm_message note = {.span = from, .severity = VSP_SEV_NOTE, .text = "included here"};
		deliver(as, &note);
	}
}

/*
 * Reports an error in an included file without the name of a source, and its place, but none of the
 * file's text: neither in this message nor in others, whose guesses at names may be from it. False:
 * all messages may be shown.
 */
static bool deliver_secret(asm_state *as)
{
	for (uint32_t i = 0; i < as->message_count; i++) {
		asm_message refusal = *as->messages[i];
		asm_file *file = &as->files[refusal.span.file];
		if (!file->secret)
			continue;
		refusal.span.end = refusal.span.begin;
		refusal.text =
		        "this is no source; nothing of it is shown, as the file's name ends in neither .sil nor .inc";
		refusal.suggestion = NULL;
		deliver(as, &refusal);
		deliver_includes(as, refusal.span.file);
		return true;
	}
	return false;
}

void asm_deliver(asm_state *as)
{
	if (as->message_count)
		qsort(as->messages, as->message_count, sizeof(asm_message *), by_place);
	if (deliver_secret(as))
		return;
	for (uint32_t i = 0; i < as->message_count; i++) {
		deliver(as, as->messages[i]);
		if (as->messages[i]->note)
			deliver(as, as->messages[i]->note);
		deliver_includes(as, as->messages[i]->span.file);
	}
	if (as->errors > ASM_MAX_ERRORS && as->message_count) {
		asm_message last = {.span = as->messages[as->message_count - 1]->span,
		        .severity = VSP_SEV_ERROR,
		        .text = "too many errors; the others are not shown"};
		deliver(as, &last);
	}
}

const char *asm_nearest(asm_state *as, const vsp_nearest *guess)
{
	return guess->best ? asm_string(as, guess->best, (uint32_t)guess->best_length) : NULL;
}
