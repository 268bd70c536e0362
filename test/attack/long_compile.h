/*
 * Source of a program with a function f that takes a compiler a tenth of a second or more, and tier
 * 0 no time, since its whole body is jumped over. main calls it often enough for tier 2. Include
 * after cmocka.h or stdio.h.
 */
#ifndef VSP_TEST_LONG_COMPILE_H
#define VSP_TEST_LONG_COMPILE_H

#include <stdio.h>
#include <stdlib.h>

/* The caller's to free; null: out of memory. blocks: of f. */
static inline char *long_compile_source(unsigned blocks)
{
	enum { LINE = 96 };
	size_t room = ((size_t)blocks + 16) * LINE, used = 0;
	char *text = malloc(room);
	if (!text)
		return NULL;
	used += (size_t)snprintf(text, room, ".func f(1) -> 1\nBZ R0, end\n");
	for (unsigned i = 0; i < blocks; i++)
		used += (size_t)snprintf(text + used, room - used,
		        "l%u: ADDI R%X, R%X, %u\nMUL R%X, R%X, R%X\nBNE R%X, R%X, l%u\n", i, 2 + i % 8, 2 + (i + 3) % 8,
		        i % 100, 1 + i % 11, 1 + i % 7, 2 + i % 5, 1 + i % 6, 2 + i % 7, i / 2);
	snprintf(text + used, room - used,
	        "end: RET\n.end\n.func main() -> 0\nMOVI R9, 0\nMOVI R8, 1500\nlp: MOVI R0, 0\nINVOKE f\nADDI R9, "
	        "R9, 1\nBLT R9, R8, lp\nRET\n.end\n.entry main\n");
	return text;
}

#endif
