/*
 * The lexer of .sil: bytes to tokens, one statement a line. It works in place on any bytes (no
 * terminator, zeros and invalid UTF-8 included), allocates nothing, and reports text that it cannot
 * read as a token of kind VSP_TOKEN_BAD.
 */
#ifndef VSP_FRONTEND_LEX_H
#define VSP_FRONTEND_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum vsp_token_kind {
	VSP_TOKEN_END,    /* of the statement: a newline, a comment or the end of the text */
	VSP_TOKEN_NAME,   /* letters, digits, _ . $ and UTF-8; does not begin with a digit */
	VSP_TOKEN_INT,    /* bits: the value */
	VSP_TOKEN_DOUBLE, /* bits: of the double */
	VSP_TOKEN_FLOAT,  /* bits: of the float */
	VSP_TOKEN_STRING, /* with its quotes; well formed */
	VSP_TOKEN_PUNCT,  /* op: the character, or one of vsp_token_op */
	VSP_TOKEN_BAD     /* problem says why */
} vsp_token_kind;

/* Operators of two characters; others are their character. */
enum vsp_token_op {
	VSP_OP_SHL = 128,
	VSP_OP_SHR,
	VSP_OP_LE,
	VSP_OP_GE,
	VSP_OP_EQ,
	VSP_OP_NE,
	VSP_OP_AND,
	VSP_OP_OR,
	VSP_OP_ARROW
};

typedef struct vsp_token {
	uint8_t kind; /* vsp_token_kind */
	uint8_t op;
	uint32_t begin, end; /* byte offsets in the text */
	uint64_t bits;
	const char *problem;
} vsp_token;

typedef struct vsp_lexer {
	const char *text;
	uint32_t size, at;
	/* an operand may begin here: '#' directly before a digit, sign or quote marks an
	   immediate */
	bool operand_next;
} vsp_lexer;

/* The next token of the statement. At the end of the statement every call gives VSP_TOKEN_END. */
vsp_token vsp_lex_next(vsp_lexer *lexer);
/* Goes to the start of the next line; false at the end of the text. */
bool vsp_lex_next_line(vsp_lexer *lexer);
/* Decodes the string literal text[token.begin, token.end) into out, which holds as many bytes as
   the literal; returns the length. */
size_t vsp_lex_string(const char *text, const vsp_token *token, char *out);
/* May the byte stand in a name? first: at its beginning. */
bool vsp_lex_name_byte(unsigned char c, bool first);

#endif
