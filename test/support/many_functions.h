/*
 * A program of many small functions. Include behind cmocka.h.
 */
#ifndef VSP_TEST_MANY_FUNCTIONS_H
#define VSP_TEST_MANY_FUNCTIONS_H

#include <stdio.h>
#include <stdlib.h>

#include "instances.h"

/* main calls each of count small functions 1,500 times, and adds up 1500 * (0 + 1 + ... + count -
   1). */
static inline vsp_module *many_functions(int count)
{
	size_t room = (size_t)count * 128 + 256;
	char *text = malloc(room);
	assert_non_null(text);
	int used = snprintf(text, room, ".func main() -> 0\nMOVI R5, 1500\nMOVI R6, 0\nagain:\n");
	for (int i = 0; i < count; i++)
		used += snprintf(text + used, room - (size_t)used, "INVOKE f%d\nADD R6, R0\n", i);
	used += snprintf(text + used, room - (size_t)used, "ADDI R5, R5, -1\nBNZ R5, again\nMOV R0, R6\nRET\n.end\n");
	for (int i = 0; i < count; i++)
		used += snprintf(text + used, room - (size_t)used, ".func f%d() -> 1\nMOVI R0, %d\nRET\n.end\n", i, i);
	vsp_module *module = assemble(text);
	free(text);
	return module;
}

#endif
