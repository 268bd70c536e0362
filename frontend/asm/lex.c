/*
 * Splitting statements into tokens. Positions are byte offsets, so that a message can point at any
 * part of a line without copies of it.
 */
#include "lex.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT_TEXT_MAX = 1000 }; /* characters of a float literal; the longest exact double has 770 digits */

static int peek(const vsp_lexer *lexer, uint32_t ahead)
{
	return lexer->size - lexer->at > ahead ? (unsigned char)lexer->text[lexer->at + ahead] : -1;
}

static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool vsp_lex_name_byte(unsigned char c, bool first)
{
	return is_letter(c) || c == '_' || c == '.' || c == '$' || c >= 0x80 || (!first && is_digit(c));
}

static int digit_value(int c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static vsp_token token_bad(uint32_t begin, uint32_t end, const char *problem)
{
	return (vsp_token){.kind = VSP_TOKEN_BAD, .begin = begin, .end = end, .problem = problem};
}

static void skip_number(vsp_lexer *lexer)
{
	while (peek(lexer, 0) >= 0 && vsp_lex_name_byte((unsigned char)peek(lexer, 0), false))
		lexer->at++;
}

/* Digits of the base up to the end of the word; '_' may stand between digits. */
static vsp_token lex_integer(vsp_lexer *lexer, uint32_t begin, unsigned base)
{
	uint64_t value = 0;
	uint32_t first = lexer->at;
	bool overflow = false;
	for (;; lexer->at++) {
		int c = peek(lexer, 0);
		if (c == '_' && lexer->at > first && digit_value(peek(lexer, 1)) < (int)base)
			continue;
		if (digit_value(c) >= (int)base)
			break;
		overflow |= value > (UINT64_MAX - (unsigned)digit_value(c)) / base;
		value = value * base + (unsigned)digit_value(c);
	}
	uint32_t stop = lexer->at;
	skip_number(lexer);
	if (lexer->at != stop || stop == first)
		return token_bad(begin, lexer->at, "this is not a number");
	if (overflow)
		return token_bad(begin, lexer->at, "integer does not fit 64 bits");
	return (vsp_token){.kind = VSP_TOKEN_INT, .begin = begin, .end = stop, .bits = value};
}

/* Converts the characters of a float literal without its '_'. strtod expects the decimal point of
   the host's locale. */
static double float_value(const char *text, uint32_t length, bool single, bool *too_long)
{
	char buffer[FLOAT_TEXT_MAX + 8];
	const char *point = localeconv()->decimal_point;
	size_t n = 0;
	*too_long = length > FLOAT_TEXT_MAX;
	for (uint32_t i = 0; i < length && n < FLOAT_TEXT_MAX; i++) {
		if (text[i] == '.' && strlen(point) < 8) {
			memcpy(buffer + n, point, strlen(point));
			n += strlen(point);
		} else if (text[i] != '_') {
			buffer[n++] = text[i];
		}
	}
	buffer[n] = 0;
	return single ? (double)strtof(buffer, NULL) : strtod(buffer, NULL);
}

static void skip_digits(vsp_lexer *lexer)
{
	while (is_digit(peek(lexer, 0)) || (peek(lexer, 0) == '_' && is_digit(peek(lexer, 1))))
		lexer->at++;
}

/* A float whose extent is known to begin at begin; decides where it ends. */
static vsp_token lex_float(vsp_lexer *lexer, uint32_t begin)
{
	lexer->at = begin;
	skip_digits(lexer);
	if (peek(lexer, 0) == '.')
		lexer->at++;
	skip_digits(lexer);
	if (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E') {
		uint32_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
		lexer->at += 1 + sign;
		if (!is_digit(peek(lexer, 0))) {
			skip_number(lexer);
			return token_bad(begin, lexer->at, "this exponent has no digits");
		}
		skip_digits(lexer);
	}
	uint32_t stop = lexer->at;
	bool single = peek(lexer, 0) == 's' || peek(lexer, 0) == 'S', too_long;
	lexer->at += single;
	uint32_t end = lexer->at;
	skip_number(lexer);
	if (lexer->at != end)
		return token_bad(begin, lexer->at, "this is not a number");
	double value = float_value(lexer->text + begin, stop - begin, single, &too_long);
	if (too_long || isinf(value))
		return token_bad(
		        begin, end, too_long ? "this number is too long" : "this number is too large for its type");
	vsp_token token = {.kind = single ? VSP_TOKEN_FLOAT : VSP_TOKEN_DOUBLE, .begin = begin, .end = end};
	float narrow = (float)value;
	uint32_t bits;
	memcpy(&bits, &narrow, sizeof bits);
	memcpy(&token.bits, &value, sizeof token.bits);
	if (single)
		token.bits = bits;
	return token;
}

/* Is the decimal number at begin a float? It has a point, an exponent or the suffix s. */
static bool number_is_float(vsp_lexer *lexer)
{
	uint32_t begin = lexer->at;
	skip_digits(lexer);
	int c = peek(lexer, 0);
	lexer->at = begin;
	return c == '.' || c == 'e' || c == 'E' || c == 's' || c == 'S';
}

static vsp_token lex_number(vsp_lexer *lexer)
{
	uint32_t begin = lexer->at;
	if (peek(lexer, 0) == '0') {
		int c = peek(lexer, 1) | 0x20;
		unsigned base = c == 'x' ? 16 : c == 'b' ? 2 : c == 'o' ? 8 : 0;
		if (base && peek(lexer, 1) >= 0) {
			lexer->at += 2;
			return lex_integer(lexer, begin, base);
		}
	}
	return number_is_float(lexer) ? lex_float(lexer, begin) : lex_integer(lexer, begin, 10);
}

/* The value of an escape whose backslash stands at p; *length is how many bytes it takes, 0 when
   there is no such escape. */
static unsigned escape_value(const char *p, size_t room, size_t *length)
{
	static const char names[] = "ntr0abfve\\'\"", values[] = "\n\t\r\0\a\b\f\v\033\\'\"";
	*length = 0;
	if (room < 2)
		return 0;
	if (p[1] == 'x' && room >= 4 && digit_value((unsigned char)p[2]) < 16 &&
	        digit_value((unsigned char)p[3]) < 16) {
		*length = 4;
		return (unsigned)(digit_value((unsigned char)p[2]) << 4 | digit_value((unsigned char)p[3]));
	}
	const char *at = p[1] ? strchr(names, p[1]) : NULL;
	if (!at)
		return 0;
	*length = 2;
	return (unsigned char)values[at - names];
}

/* Finds the end of a string or character literal and checks its escapes. */
static vsp_token lex_quoted(vsp_lexer *lexer, char quote)
{
	uint32_t begin = lexer->at++;
	for (;;) {
		int c = peek(lexer, 0);
		if (c < 0 || c == '\n')
			return token_bad(begin, lexer->at,
			        quote == '"' ? "this string has no closing quote"
			                     : "this character has no closing quote");
		size_t length = 1;
		if (c == '\\') {
			escape_value(lexer->text + lexer->at, lexer->size - lexer->at, &length);
			if (!length)
				return token_bad(lexer->at, lexer->at + (peek(lexer, 1) >= ' ' ? 2 : 1),
				        "unknown escape; there are \\n \\t \\r \\0 \\a \\b \\f \\v \\e \\\\ \\' \\\" "
				        "and \\xNN");
		}
		lexer->at += (uint32_t)length;
		if (c == quote)
			return (vsp_token){.kind = VSP_TOKEN_STRING, .begin = begin, .end = lexer->at};
	}
}

size_t vsp_lex_string(const char *text, const vsp_token *token, char *out)
{
	size_t n = 0, length;
	for (uint32_t i = token->begin + 1; i < token->end - 1; i += (uint32_t)length) {
		length = 1;
		out[n++] = text[i] == '\\' ? (char)escape_value(text + i, token->end - i, &length) : text[i];
	}
	return n;
}

/* The code point of n bytes of UTF-8 (at most 4), or -1. */
static int32_t code_point(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (n == 1)
		return p[0];
	uint32_t value = n >= 2 && n <= 4 ? p[0] & (0x7Fu >> n) : 0;
	if (n < 2 || n > 4 || ((unsigned)p[0] >> (7 - n)) != (1u << (n + 1)) - 2)
		return -1;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return -1;
		value = value << 6 | (p[i] & 0x3F);
	}
	bool valid = value >= least[n] && value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
	return valid ? (int32_t)value : -1;
}

static vsp_token lex_character(vsp_lexer *lexer)
{
	vsp_token token = lex_quoted(lexer, '\'');
	if (token.kind == VSP_TOKEN_BAD)
		return token;
	unsigned char bytes[8];
	size_t n = token.end - token.begin <= sizeof bytes ? vsp_lex_string(lexer->text, &token, (char *)bytes) : 0;
	int32_t value = n ? code_point(bytes, n) : -1;
	if (value < 0)
		return token_bad(token.begin, token.end, "a character literal holds exactly one character");
	token.kind = VSP_TOKEN_INT;
	token.bits = (uint64_t)value;
	return token;
}

static vsp_token lex_name(vsp_lexer *lexer)
{
	uint32_t begin = lexer->at;
	while (peek(lexer, 0) >= 0 && vsp_lex_name_byte((unsigned char)peek(lexer, 0), false))
		lexer->at++;
	return (vsp_token){.kind = VSP_TOKEN_NAME, .begin = begin, .end = lexer->at};
}

static vsp_token lex_punctuation(vsp_lexer *lexer)
{
	static const struct {
		char text[3];
		uint8_t op;
	} pairs[] = {{"<<", VSP_OP_SHL}, {">>", VSP_OP_SHR}, {"<=", VSP_OP_LE}, {">=", VSP_OP_GE}, {"==", VSP_OP_EQ},
	        {"!=", VSP_OP_NE}, {"&&", VSP_OP_AND}, {"||", VSP_OP_OR}, {"->", VSP_OP_ARROW}};
	int c = peek(lexer, 0);
	vsp_token token = {.kind = VSP_TOKEN_PUNCT, .op = (uint8_t)c, .begin = lexer->at, .end = lexer->at + 1};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (pairs[i].text[0] == c && pairs[i].text[1] == peek(lexer, 1)) {
			token.op = pairs[i].op;
			token.end++;
		}
	lexer->at = token.end;
	if (c > ' ' && c < 0x7F && strchr("()[],:+-*/%<>=!&|^~?", c))
		return token;
	return token_bad(token.begin, token.end,
	        c == '@' || (c > ' ' && c < 0x7F) ? "unexpected character" : "unexpected control character");
}

static bool at_comment(const vsp_lexer *lexer)
{
	int c = peek(lexer, 0), next = peek(lexer, 1);
	if (c == '#')
		return !(lexer->operand_next && next > 0 && (is_digit(next) || strchr("+-'", next)));
	return c == ';' || (c == '/' && next == '/');
}

vsp_token vsp_lex_next(vsp_lexer *lexer)
{
	int c = peek(lexer, 0);
	while (c == ' ' || c == '\t' || c == '\r')
		lexer->at++, c = peek(lexer, 0);
	if (c < 0 || c == '\n' || at_comment(lexer))
		return (vsp_token){.kind = VSP_TOKEN_END, .begin = lexer->at, .end = lexer->at};
	if (c == '#')
		lexer->at++, c = peek(lexer, 0);
	vsp_token token;
	if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
		token = lex_number(lexer);
	else if (vsp_lex_name_byte((unsigned char)c, true))
		token = lex_name(lexer);
	else if (c == '"')
		token = lex_quoted(lexer, '"');
	else if (c == '\'')
		token = lex_character(lexer);
	else
		token = lex_punctuation(lexer);
	/* After a value only an operator can follow; the caller says what follows a mnemonic. */
	lexer->operand_next = token.kind == VSP_TOKEN_PUNCT && token.op != ')' && token.op != ']' && token.op != ':';
	return token;
}

bool vsp_lex_next_line(vsp_lexer *lexer)
{
	const char *from = lexer->text + lexer->at;
	const char *newline = lexer->at < lexer->size ? memchr(from, '\n', lexer->size - lexer->at) : NULL;
	lexer->at = newline ? (uint32_t)(newline - lexer->text) + 1 : lexer->size;
	lexer->operand_next = false;
	return newline != NULL;
}
